import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startTelnyxSimulator, type TelnyxSimulator } from '../../../src/simulator/telnyx/simulator.ts'
import type { TelnyxTraps } from '../../../src/simulator/telnyx/traps.ts'
import type { ApiSource, Fetched, ReadContext, Stub, StubPage, WindowStream } from '../../../src/sources/source.ts'
import { telnyxSettings } from '../../../src/sources/telnyx/settings.ts'
import { openTelnyx } from '../../../src/sources/telnyx/source.ts'

export const apiKey = 'KEY0199-not-a-real-one-5f1c'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount {
  readonly simulator: TelnyxSimulator
  readonly source: ApiSource
  readonly stream: WindowStream
  readonly context: ReadContext
  readonly notices: readonly string[]
  /** Pages of a window, all read. */
  list(window?: Window): Promise<readonly StubPage[]>
  stubs(window?: Window): Promise<readonly Stub[]>
  /** The records of a window as they are stored, with what is joined to new ones. */
  joined(window?: Window): Promise<readonly unknown[]>
  fetch(...recordIds: readonly string[]): Promise<readonly Fetched[]>
  /** Paths of the requests so far. */
  paths(): readonly string[]
}

/** Array.fromAsync is not in Node 20. */
const allOf = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

interface AccountOptions {
  readonly traps?: Partial<TelnyxTraps>
  readonly settings?: object
  readonly signal?: AbortSignal
  /** The account's clock; default: it stands still at `now`. */
  readonly clock?: () => EpochMicros
}

/** A source at a simulated account; both end with the test. */
export const openAccount = async ({
  traps = {},
  settings = {},
  signal,
  clock = () => now,
}: AccountOptions = {}): Promise<OpenAccount> => {
  const simulator = await startTelnyxSimulator({ apiKey, traps, now: clock })
  onTestFinished(() => simulator.close())
  const read = telnyxSettings.parse({
    api_key: new Secret(apiKey),
    base_url: simulator.baseUrl,
    start: '2026-01-01',
    requests_per_second: 100,
    ...settings,
  })
  const source = openTelnyx(read, { connectionId: 'front-desk', folder: '/' })
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const notices: string[] = []
  const context: ReadContext = {
    signal: signal ?? new AbortController().signal,
    notice: (message) => notices.push(message),
  }
  const list = (window = yesterday) => allOf(stream.list(window, context))
  return {
    simulator,
    source,
    stream,
    context,
    notices,
    list,
    stubs: async (window) => (await list(window)).flatMap(({ stubs }) => stubs),
    joined: async (window) => {
      const stubs = (await list(window)).flatMap((page) => page.stubs)
      return Promise.all(stubs.map(({ record }) => stream.join?.(record, context)))
    },
    fetch: (...recordIds) =>
      allOf(
        stream.fetch(
          recordIds.map((recordId) => ({ recordId, parentId: null })),
          context,
        ),
      ),
    paths: () => simulator.requests.map(({ path }) => path),
  }
}

/** Ids of all stubs, each once, sorted. */
export const idsOf = (stubs: readonly Stub[]): readonly string[] =>
  [...new Set(stubs.map(({ recordId }) => recordId ?? 'no id'))].sort()
