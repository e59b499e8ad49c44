import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startVoipbinSimulator, type VoipbinSimulator } from '../../../src/simulator/voipbin/simulator.ts'
import type { VoipbinTraps } from '../../../src/simulator/voipbin/traps.ts'
import type { ApiSource, Fetched, ReadContext, Stub, StubPage, WindowStream } from '../../../src/sources/source.ts'
import { voipbinSettings } from '../../../src/sources/voipbin/settings.ts'
import { openVoipbin } from '../../../src/sources/voipbin/source.ts'

export const accessKey = 'vb0199-not-a-real-one-5f1c'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount {
  readonly simulator: VoipbinSimulator
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
  /** Paths of the requests so far, behind /v1.0. */
  paths(): readonly string[]
}

/** Array.fromAsync is not in Node 20. */
const allOf = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

interface AccountOptions {
  readonly traps?: Partial<VoipbinTraps>
  readonly settings?: object
  /** The account's clock and ours; default: it stands still at `now`. */
  readonly clock?: () => EpochMicros
}

/** A source at a simulated account; both end with the test. */
export const openAccount = async ({
  traps = {},
  settings = {},
  clock = () => now,
}: AccountOptions = {}): Promise<OpenAccount> => {
  const simulator = await startVoipbinSimulator({ accessKey, traps, now: clock })
  onTestFinished(() => simulator.close())
  const read = voipbinSettings.parse({
    access_key: new Secret(accessKey),
    base_url: simulator.baseUrl,
    start: '2026-01-01',
    requests_per_second: 1000,
    ...settings,
  })
  const source = openVoipbin(read, { connectionId: 'front-desk', folder: '/' }, clock)
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const notices: string[] = []
  const context: ReadContext = {
    signal: new AbortController().signal,
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
      const records: unknown[] = []
      for (const { record } of (await list(window)).flatMap(({ stubs }) => stubs))
        records.push(await stream.join?.(record, context))
      return records
    },
    fetch: (...recordIds) =>
      allOf(
        stream.fetch(
          recordIds.map((recordId) => ({ recordId, parentId: null })),
          context,
        ),
      ),
    paths: () => simulator.requests.map(({ path }) => path.replace('/v1.0', '')),
  }
}

/** Ids of all stubs, each once, sorted. */
export const idsOf = (stubs: readonly Stub[]): readonly string[] =>
  [...new Set(stubs.map(({ recordId }) => recordId ?? 'no id'))].sort()
