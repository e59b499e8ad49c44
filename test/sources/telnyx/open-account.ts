import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startTelnyxSimulator, type TelnyxSimulator } from '../../../src/simulator/telnyx/simulator.ts'
import type { TelnyxTraps } from '../../../src/simulator/telnyx/traps.ts'
import { telnyxSettings } from '../../../src/sources/telnyx/settings.ts'
import { openTelnyx } from '../../../src/sources/telnyx/source.ts'
import { shortWaits } from '../../support/short-waits.ts'
import { day, type OpenedSource, openedSource } from '../opened-source.ts'

export const apiKey = 'KEY0199-not-a-real-one-5f1c'

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount extends OpenedSource {
  readonly simulator: TelnyxSimulator
  /** The records of a window as they are stored, with what is joined to new ones. */
  joined(window?: Window): Promise<readonly unknown[]>
  /** Paths of the requests so far. */
  paths(): readonly string[]
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
  const source = openTelnyx(read, { connectionId: 'front-desk', folder: '/', retry: shortWaits })
  const opened = openedSource(source, { usual: yesterday, signal })
  const { stream, context, list } = opened
  return {
    ...opened,
    simulator,
    joined: async (window) => {
      const stubs = (await list(window)).flatMap((page) => page.stubs)
      return Promise.all(stubs.map(({ record }) => stream.join?.(record, context)))
    },
    paths: () => simulator.requests.map(({ path }) => path),
  }
}
