import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startVapiSimulator, type VapiSimulator } from '../../../src/simulator/vapi/simulator.ts'
import type { VapiTraps } from '../../../src/simulator/vapi/traps.ts'
import type { ApiSource, Fetched, ReadContext, Stub, StubPage, WindowStream } from '../../../src/sources/source.ts'
import { vapiSettings } from '../../../src/sources/vapi/settings.ts'
import { openVapi } from '../../../src/sources/vapi/source.ts'

export const apiKey = 'vapi-not-a-real-key-5f1c'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount {
  readonly simulator: VapiSimulator
  readonly source: ApiSource
  readonly stream: WindowStream
  readonly context: ReadContext
  readonly notices: readonly string[]
  /** Pages of a window by creation, all read. */
  list(window?: Window): Promise<readonly StubPage[]>
  stubs(window?: Window): Promise<readonly Stub[]>
  /** Of a window of changes. */
  changed(window?: Window): Promise<readonly Stub[]>
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
  readonly traps?: Partial<VapiTraps>
  readonly settings?: object
}

/** A source at a simulated organisation; both end with the test. */
export const openAccount = async ({ traps = {}, settings = {} }: AccountOptions = {}): Promise<OpenAccount> => {
  const simulator = await startVapiSimulator({ apiKey, traps, now: () => now })
  onTestFinished(() => simulator.close())
  const read = vapiSettings.parse({
    api_key: new Secret(apiKey),
    base_url: simulator.baseUrl,
    start: '2026-07-01',
    requests_per_second: 1000,
    ...settings,
  })
  const source = openVapi(read, { connectionId: 'front-desk', folder: '/' })
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const notices: string[] = []
  const context: ReadContext = { signal: new AbortController().signal, notice: (message) => notices.push(message) }
  const list = (window = yesterday) => allOf(stream.list(window, context))
  const stubsIn = (pages: readonly StubPage[]) => pages.flatMap(({ stubs }) => stubs)
  return {
    simulator,
    source,
    stream,
    context,
    notices,
    list,
    stubs: async (window) => stubsIn(await list(window)),
    changed: async (window = yesterday) =>
      stubsIn(await allOf(stream.changes?.list(window, context) ?? stream.list(window, context))),
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
