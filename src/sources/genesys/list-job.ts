import { setTimeout as sleep } from 'node:timers/promises'
import { ResponseTooLarge, SourceProtocolError, TransientError } from '../../domain/errors.ts'
import type { Window } from '../../domain/window.ts'
import { compileInstantReader, formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import { retryLimits } from '../http/retry-limits.ts'
import { type TokenPage, tokenPages } from '../http/token-pages.ts'
import type { ReadContext } from '../source.ts'
import { listedIn, memberOf, textAt } from './answer.ts'
import { conversationId } from './conversation.ts'
import { type ConversationPage, isWithin, type Listing } from './list-part.ts'
import { conversationsIn } from './query.ts'

const jobs = '/api/v2/analytics/conversations/details/jobs'

/** What working code asks for; the cap is not documented. */
const resultPage = 1000

/** Answers that are larger than may be read are asked for in pages of a quarter, as long as there is one. */
const smallestPage = 15

/** Before each question whether a job is done, in first delays of a retry: 1 s to 1 min; then the last one again and again. */
const pauses = [2, 4, 10, 10, 20, 30, 60, 120] as const

/** Half an hour or so: jobs take minutes. */
const maxQuestions = 40

const running: readonly string[] = ['QUEUED', 'PENDING']

const waitUntilDone = async ({ api }: Listing, path: string, what: string, context: ReadContext): Promise<void> => {
  const { firstDelayMs } = retryLimits(api.place.retry)
  for (let asked = 0; asked < maxQuestions; asked += 1) {
    const pause = pauses[Math.min(asked, pauses.length - 1)] ?? 120
    await sleep(pause * firstDelayMs, undefined, { signal: context.signal }).catch(() =>
      context.signal.throwIfAborted(),
    )
    const { status, body } = await api.ask({ path }, context)
    const state = (textAt(body, 'state') ?? (status === 202 ? 'PENDING' : '')).toUpperCase()
    if (state === 'FULFILLED') return
    if (!running.includes(state))
      throw new TransientError(`${what}: the job ended as ${state || 'nothing'}; the next run starts another`)
  }
  throw new TransientError(`${what}: the job is not done after half an hour; the next run starts another`)
}

const readInstant = compileInstantReader({})

/** Jobs read a data lake that is filled later: what it does not have yet is no proof. */
const requireAvailable = (body: unknown, { to }: Window, what: string): void => {
  const text = textAt(body, 'dataAvailabilityDate')
  const reading = text === null ? null : readInstant(text)
  if (reading?.kind === 'value' && reading.value < to)
    throw new TransientError(`${what}: jobs have data until ${formatInstant(reading.value)} only; run again later`)
}

/**
 * Conversations that started in the window, read by an asynchronous job. It shows the attributes of participants, too, which
 * no other answer does. Throws TransientError for a job that fails, SourceProtocolError for pages that go in circles.
 */
export async function* listByJob(
  listing: Listing,
  window: Window,
  context: ReadContext,
): AsyncGenerator<ConversationPage, void, undefined> {
  const { api, settings } = listing
  const what = `connection ${api.connectionId}: job of conversations started from ${formatInstant(window.from)} to ${formatInstant(window.to)}`
  const body = { ...conversationsIn(window, settings.media), startOfDayIntervalMatching: true }
  const started = await api.ask({ method: 'POST', path: jobs, body }, context)
  const jobId = textAt(started.body, 'jobId')
  if (jobId === null) throw new SourceProtocolError(`${what}: the answer names no job`)
  const path = `${jobs}/${encodeURIComponent(jobId)}`
  await waitUntilDone(listing, path, what, context)
  let pageSize = resultPage
  const ask = async (token: string | null): Promise<TokenPage<JsonObject, JsonAnswer>> => {
    const query = [['pageSize', String(pageSize)] as const, ...(token === null ? [] : [['cursor', token] as const])]
    const isDivisible = pageSize > smallestPage
    const answer = await api.ask({ path: `${path}/results`, query, isDivisible }, context).catch((error: unknown) => {
      if (!(error instanceof ResponseTooLarge) || pageSize <= smallestPage) throw error
      pageSize = Math.floor(pageSize / 4)
      return null
    })
    if (answer === null) return ask(token)
    requireAvailable(answer.body, window, what)
    const next = memberOf(answer.body, 'cursor')
    const nextToken = typeof next === 'string' && next !== '' ? next : null
    return { items: objectsOf(listedIn(answer.body, 'conversations', what)), nextToken, answer }
  }
  const idOf = (conversation: JsonObject) => conversationId(conversation, []) ?? null
  for await (const { items, answer } of tokenPages({ what, idOf, ask, atFloor: true }))
    yield { conversations: items.filter((conversation) => isWithin(conversation, window)), answer }
}
