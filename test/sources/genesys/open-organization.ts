import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { type GenesysSimulator, startGenesysSimulator } from '../../../src/simulator/genesys/simulator.ts'
import type { GenesysTraps } from '../../../src/simulator/genesys/traps.ts'
import { genesysSettings } from '../../../src/sources/genesys/settings.ts'
import { openGenesys } from '../../../src/sources/genesys/source.ts'
import type { ApiSource, Fetched, ReadContext, Stub, StubPage, WindowStream } from '../../../src/sources/source.ts'

export const clientId = '00000000-0000-4000-8000-00000000c11e'
export const clientSecret = 'genesys-secret-not-a-real-one-5f1c'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** Midnight of today: what is older than `jobs_after` by the real clock is listed by jobs. */
export const today: EpochMicros = Math.floor((Date.now() * 1000) / day) * day

export const yesterday: Window = { from: today - day, to: today }

export interface OpenOrganization {
  readonly simulator: GenesysSimulator
  readonly source: ApiSource
  readonly stream: WindowStream
  readonly context: ReadContext
  readonly notices: readonly string[]
  list(window?: Window): Promise<readonly StubPage[]>
  stubs(window?: Window): Promise<readonly Stub[]>
  fetch(...recordIds: readonly string[]): Promise<readonly Fetched[]>
  /** Method and path of the requests so far, ids as {}. */
  asked(): Readonly<Record<string, number>>
}

const allOf = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

interface OrganizationOptions {
  readonly traps?: Partial<GenesysTraps>
  readonly settings?: object
  readonly secret?: string
  /** The organization's clock; default: one in the morning of today. */
  readonly clock?: () => EpochMicros
}

/** A source at a simulated organization; both end with the test. */
export const openOrganization = async ({
  traps = {},
  settings = {},
  secret = clientSecret,
  clock = () => today + hour,
}: OrganizationOptions = {}): Promise<OpenOrganization> => {
  const simulator = await startGenesysSimulator({ clientId, clientSecret, traps, now: clock })
  onTestFinished(() => simulator.close())
  const read = genesysSettings.parse({
    client_id: clientId,
    client_secret: new Secret(secret),
    region: 'mypurecloud.ie',
    base_url: simulator.url,
    login_url: simulator.url,
    start: '2026-01-01',
    requests_per_minute: 60_000,
    recordings_per_minute: 30_000,
    ...settings,
  })
  const source = openGenesys(read, { connectionId: 'front-desk', folder: '/' })
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const notices: string[] = []
  const context: ReadContext = { signal: new AbortController().signal, notice: (message) => notices.push(message) }
  const list = (window = yesterday) => allOf(stream.list(window, context))
  return {
    simulator,
    source,
    stream,
    context,
    notices,
    list,
    stubs: async (window) => (await list(window)).flatMap(({ stubs }) => stubs),
    fetch: (...recordIds) =>
      allOf(
        stream.fetch(
          recordIds.map((recordId) => ({ recordId, parentId: null })),
          context,
        ),
      ),
    asked: () => {
      const counts: Record<string, number> = {}
      for (const { method, path } of simulator.requests) {
        const kind = `${method} ${path.replace('/api/v2', '').replaceAll(/\/[0-9a-f-]{36}(?=\/|$)/g, '/{}')}`
        counts[kind] = (counts[kind] ?? 0) + 1
      }
      return counts
    },
  }
}

/** Ids of all stubs, each once, sorted. */
export const idsOf = (stubs: readonly Stub[]): readonly string[] =>
  [...new Set(stubs.map(({ recordId }) => recordId ?? 'no id'))].sort()
