import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { type Answer, answerOf } from '../answer.ts'
import { drawFor } from '../draw.ts'
import { type LocalServer, startLocalServer } from '../local-server.ts'
import { createRateLimit, type RateLimit } from '../rate-limit.ts'
import { sendAnswer } from '../send-answer.ts'
import { type NotedRequest, readRequest, type SimulatedRequest } from '../simulated-request.ts'
import { createTimeIndex, type TimeIndex } from '../time-index.ts'
import { instantOf } from '../written-instant.ts'

/** The page of the type; undefined members are left out. */
export type DotdoRecording = Readonly<Record<string, unknown>> & { readonly id: string; readonly created: number }

export interface DotdoTraps {
  /** Every token leads to the first page again. */
  repeatedPage: boolean
  /** The second of three or more pages is empty, and more come behind it. */
  emptySecondPage: boolean
  /** Tokens are numbers; or there are none, not even null, and no more than one page can be had. */
  tokens: 'text' | 'number' | 'missing'
  /** Bounds of a listing are ignored. */
  filtersIgnored: boolean
  /** Paths of ids that are refused. */
  refused: Readonly<Record<string, 403 | 404>>
  everyRequest: 'stalled' | 'bad-request' | 'unavailable' | null
  /** More requests are answered 429. */
  rateLimit: RateLimit
}

export interface DotdoSimulatorOptions {
  readonly apiKey: string
  readonly now?: () => EpochMicros
  /** Every answer of the API takes so long. */
  readonly latencyMs?: number
}

/** The assumed API of `.do` on this machine. It knows nothing that the documents do not: the rest is the source's assumption. */
export interface DotdoSimulator {
  readonly baseUrl: string
  /** Of the collection. */
  readonly path: string
  readonly traps: DotdoTraps
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  onRequest: (() => void) | undefined
  /** A completed recording, created so many seconds after 1970 (or now); other members as given. Returns its id. */
  add(recording?: Readonly<Record<string, unknown>>): string
  generate(range: { readonly from: EpochMicros; readonly to: EpochMicros; readonly count: number }): readonly string[]
  change(id: string, patch: Readonly<Record<string, unknown>>): void
  remove(id: string): void
  close(): Promise<void>
}

const path = '/vapi/callRecordings'

const refusal = (status: number, code: string, message: string): Answer =>
  answerOf(status, JSON.stringify({ success: false, error: { code, message } }))

const tooMany = (seconds: string): Answer => {
  const answer = refusal(429, 'TOO_MANY_REQUESTS', 'Later.')
  return { ...answer, headers: { ...answer.headers, 'retry-after': seconds } }
}

const notFound = refusal(404, 'NOT_FOUND', 'There is no such recording.')

interface Stored {
  /** `created`, in microseconds. */
  readonly at: EpochMicros
  readonly recording: DotdoRecording
}

interface Held {
  readonly traps: DotdoTraps
  readonly recordings: TimeIndex<Stored>
  readonly byId: Map<string, Stored>
  readonly rateVerdict: ReturnType<typeof createRateLimit>
  added: number
  links: number
}

const remove = (held: Held, id: string): void => {
  const stored = held.byId.get(id)
  if (stored !== undefined) held.recordings.remove(stored)
  held.byId.delete(id)
}

/** In the place of one with its id. */
const store = (held: Held, recording: DotdoRecording): void => {
  remove(held, recording.id)
  const stored = { at: recording.created * 1e6, recording }
  held.recordings.insert([stored])
  held.byId.set(recording.id, stored)
}

/** Signed anew in every answer. */
const shown = (held: Held, recording: DotdoRecording): object => {
  held.links += 1
  return { ...recording, secureUrl: `https://storage.example.test/${recording.id}.mp3?sig=simulated${held.links}` }
}

const tokenOf = ({ tokens }: DotdoTraps, text: string, skipped: number): string | number =>
  tokens === 'number' ? skipped : text

const listed = (held: Held, query: SimulatedRequest['query']): Answer => {
  const { traps } = held
  const asked = Object.fromEntries(query)
  const boundOf = (name: string, otherwise: number) => instantOf(asked[name]) ?? otherwise
  const [from, to] = [boundOf('createdFrom', Number.NEGATIVE_INFINITY), boundOf('createdTo', Number.POSITIVE_INFINITY)]
  const found = traps.filtersIgnored ? held.recordings.all() : held.recordings.between(from, to)
  const limit = Number(asked.limit ?? 100)
  const [, skipped = '0', again] = /^(?:from-)?(\d+)(-again)?$/.exec(asked.pageToken ?? '') ?? []
  const start = Number(skipped)
  const isEmpty = traps.emptySecondPage && again === undefined && start === limit && found.length > 2 * limit
  const first = traps.repeatedPage ? 0 : start
  const page = isEmpty ? [] : found.toReversed().slice(first, first + limit)
  const next = isEmpty ? `from-${start}-again` : `from-${start + limit}`
  const nextPageToken = start + limit < found.length ? tokenOf(traps, next, start + limit) : null
  const data = page.map(({ recording }) => shown(held, recording))
  return answerOf(
    200,
    JSON.stringify({ success: true, data, ...(traps.tokens === 'missing' ? {} : { nextPageToken }) }),
  )
}

const answered = (held: Held, { method, path: asked, query, authorization }: SimulatedRequest): Answer => {
  if (authorization !== 'right') return refusal(401, 'UNAUTHORIZED', 'The token is not valid.')
  const verdict = held.rateVerdict(held.traps.rateLimit, performance.now())
  if (!verdict.allowed) return tooMany(verdict.headers['x-ratelimit-reset'] ?? '1')
  if (held.traps.everyRequest === 'bad-request') return refusal(400, 'BAD_REQUEST', 'That is none.')
  if (held.traps.everyRequest === 'unavailable') return refusal(503, 'UNAVAILABLE', 'Later.')
  if (asked === path && method === 'GET') return listed(held, query)
  const [id = '', action] = asked
    .slice(path.length + 1)
    .split('/')
    .map(decodeURIComponent)
  const refused = held.traps.refused[id]
  if (refused !== undefined) return refused === 403 ? refusal(403, 'FORBIDDEN', 'No.') : answerOf(404, '{}')
  const recording = held.byId.get(id)?.recording
  if (recording === undefined) return notFound
  if (action === 'generateSecureUrl' && method === 'POST') {
    const url = `https://storage.example.test/${id}.mp3?sig=simulated`
    return answerOf(200, JSON.stringify({ success: true, data: { url, expiresAt: 1_790_000_000 } }))
  }
  return action === undefined
    ? answerOf(200, JSON.stringify({ success: true, data: shown(held, recording) }))
    : notFound
}

export const startDotdoSimulator = async ({
  apiKey,
  now = () => Date.now() * 1000,
  latencyMs = 0,
}: DotdoSimulatorOptions): Promise<DotdoSimulator> => {
  const traps: DotdoTraps = {
    repeatedPage: false,
    emptySecondPage: false,
    tokens: 'text',
    filtersIgnored: false,
    refused: {},
    everyRequest: null,
    rateLimit: null,
  }
  const held: Held = {
    traps,
    recordings: createTimeIndex(),
    byId: new Map(),
    rateVerdict: createRateLimit(),
    added: 0,
    links: 0,
  }
  const requests: NotedRequest[] = []
  const stopped = new AbortController()
  const hooks: { onRequest: (() => void) | undefined } = { onRequest: undefined }
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = readRequest(incoming, 'api', apiKey, now())
    requests.push(request)
    hooks.onRequest?.()
    const answer = answered(held, request)
    request.status = answer.status
    response.sendDate = false
    const manner = traps.everyRequest === 'stalled' ? 'half' : answer.manner
    const headers = { ...answer.headers, date: new Date(now() / 1000).toUTCString() }
    await sendAnswer(response, { ...answer, headers, manner }, 0, stopped.signal)
  }
  const server: LocalServer = await startLocalServer(serve, latencyMs)
  const add = (given: Readonly<Record<string, unknown>> = {}): string => {
    const created = typeof given.created === 'number' ? given.created : Math.floor(now() / 1e6)
    held.added += 1
    const id = String(given.id ?? `rec-${String(held.added).padStart(6, '0')}`)
    const call = { id: `call-${id}`, direction: 'inbound', customer: { number: '+15125550123' } }
    const filled = { status: 'completed', url: `https://recordings.example.test/${id}.mp3`, duration: 61.4, call }
    store(held, { ...filled, startTime: created - 70, updated: created, ...given, id, created })
    return id
  }
  return {
    baseUrl: server.url,
    path,
    traps,
    requests,
    forgetRequests: () => requests.splice(0),
    get onRequest() {
      return hooks.onRequest
    },
    set onRequest(hook) {
      hooks.onRequest = hook
    },
    add,
    generate: ({ from, to, count }) =>
      Array.from({ length: count }, (_, index) => {
        const part = (to - from) / count
        const at = from + part * index + (part * drawFor(1, index).below(1000)) / 1000
        return add({ created: Math.ceil(at / 1e6) })
      }),
    change: (id, patch) => {
      const recording = held.byId.get(id)?.recording
      if (recording === undefined) throw new Error(`there is no recording ${id}`)
      store(held, { ...recording, updated: Math.floor(now() / 1e6), ...patch })
    },
    remove: (id) => remove(held, id),
    close: async () => {
      stopped.abort()
      await server.close()
    },
  }
}
