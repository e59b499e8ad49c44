import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../src/domain/instant.ts'
import { type Answer, answerOf } from '../../src/simulator/answer.ts'
import { createLinks } from '../../src/simulator/links.ts'
import { startLocalServer } from '../../src/simulator/local-server.ts'
import { sendAnswer } from '../../src/simulator/send-answer.ts'
import { type NotedRequest, readRequest, type SimulatedRequest } from '../../src/simulator/simulated-request.ts'
import { createTimeIndex, type TimeIndex } from '../../src/simulator/time-index.ts'
import { instantOf } from '../../src/simulator/written-instant.ts'
import { formatInstant } from '../../src/transform/instant.ts'

/** What Hearsay may do wrong, each switched by a test. */
export interface HearsayTraps {
  /** Every token leads to the first page again. */
  repeatedPage: boolean
  /** The second page is empty, and more come behind it. */
  emptySecondPage: boolean
  everyRequest: 'stalled' | 'bad-request' | null
}

interface Held {
  readonly at: EpochMicros
  readonly recording: Readonly<Record<string, unknown>> & { readonly id: string }
}

/** A Hearsay account on this machine. */
export interface HearsaySimulator {
  readonly baseUrl: string
  readonly traps: HearsayTraps
  readonly requests: readonly SimulatedRequest[]
  onRequest: () => void
  /** A recording that is done, or as stated. Returns its id. */
  add(at: EpochMicros, stated?: Readonly<Record<string, unknown>>): string
  change(id: string, stated: Readonly<Record<string, unknown>>): void
  remove(id: string): void
  close(): Promise<void>
}

const refused = (status: number, code: string): Answer => answerOf(status, JSON.stringify({ error: { code } }))

/** A page; its token says where the next one begins, and after an empty page that it was empty. */
const listed = (traps: HearsayTraps, held: TimeIndex<Held>, query: SimulatedRequest['query']) => {
  const asked = Object.fromEntries(query)
  const [from, to] = [instantOf(asked.since) ?? 0, instantOf(asked.until) ?? Number.POSITIVE_INFINITY]
  const found = held.between(from, to).map(({ recording }) => recording)
  const limit = Number(asked.limit ?? 100)
  const [start = 0, isAgain = 0] = (asked.after ?? '0').split('-').map(Number)
  const isEmpty = traps.emptySecondPage && start === limit && isAgain === 0
  const first = traps.repeatedPage ? 0 : start
  const next = isEmpty ? `${start}-1` : String(start + limit)
  return {
    recordings: isEmpty ? [] : found.slice(first, first + limit),
    after: start + limit < found.length ? next : null,
  }
}

export const startHearsaySimulator = async (apiKey: string, now: () => EpochMicros): Promise<HearsaySimulator> => {
  const traps: HearsayTraps = { repeatedPage: false, emptySecondPage: false, everyRequest: null }
  const requests: NotedRequest[] = []
  const stopped = new AbortController()
  const held = createTimeIndex<Held>()
  const byId = new Map<string, Held>()
  const links = createLinks('https://audio.hearsay.example')
  const hooks = { onRequest: () => undefined }

  const put = (next: Held): void => {
    const before = byId.get(next.recording.id)
    if (before !== undefined) held.remove(before)
    byId.set(next.recording.id, next)
    held.insert([next])
  }
  const shown = (recording: Held['recording']) => ({ ...recording, link: links.issue(`/${recording.id}.mp3`, now()) })
  const answered = ({ path, query, authorization }: SimulatedRequest): Answer => {
    if (authorization !== 'right') return refused(401, 'no_such_key')
    if (traps.everyRequest === 'bad-request') return refused(400, 'bad_request')
    const [, id, audio] = /^\/v1\/recordings(?:\/([^/]+)(\/audio)?)?$/.exec(path) ?? []
    if (id === undefined) {
      const { recordings, after } = listed(traps, held, query)
      return answerOf(200, JSON.stringify({ recordings: recordings.map(shown), after }))
    }
    const recording = byId.get(decodeURIComponent(id))?.recording
    if (recording === undefined) return refused(404, 'no_such_recording')
    const link = { url: shown(recording).link, expires: formatInstant(now() + 600_000_000) }
    return answerOf(200, JSON.stringify(audio === undefined ? shown(recording) : link))
  }
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = readRequest(incoming, 'api', apiKey, now())
    requests.push(request)
    hooks.onRequest()
    const answer = answered(request)
    request.status = answer.status
    response.sendDate = false
    const headers = { ...answer.headers, date: new Date(now() / 1000).toUTCString() }
    const manner = traps.everyRequest === 'stalled' ? 'half' : answer.manner
    await sendAnswer(response, { ...answer, headers, manner }, 0, stopped.signal)
  }

  const server = await startLocalServer(serve)
  return Object.assign(hooks, {
    baseUrl: `${server.url}/v1`,
    traps,
    requests,
    add: (at: EpochMicros, stated: Readonly<Record<string, unknown>> = {}) => {
      const id = String(stated.id ?? `h-${byId.size + 1}`)
      const [began, changed] = [formatInstant(at), formatInstant(now())]
      const parties = { way: 'in', caller: '+15125550123', called: '+15125550199' }
      put({ at, recording: { call: `c-${id}`, began, changed, state: 'done', seconds: 61, ...parties, ...stated, id } })
      return id
    },
    change: (id: string, stated: Readonly<Record<string, unknown>>) => {
      const before = byId.get(id)
      if (before === undefined) throw new Error(`there is no recording ${id}`)
      put({ ...before, recording: { ...before.recording, changed: formatInstant(now()), ...stated } })
    },
    remove: (id: string) => {
      const before = byId.get(id)
      if (before !== undefined) held.remove(before)
      byId.delete(id)
    },
    close: async () => {
      stopped.abort()
      await server.close()
    },
  })
}
