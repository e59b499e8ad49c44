import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startVapiSimulator, type VapiSimulator } from '../../../src/simulator/vapi/simulator.ts'
import type { VapiTraps } from '../../../src/simulator/vapi/traps.ts'
import type { Stub } from '../../../src/sources/source.ts'
import { vapiSettings } from '../../../src/sources/vapi/settings.ts'
import { openVapi } from '../../../src/sources/vapi/source.ts'
import { shortWaits } from '../../support/short-waits.ts'
import { allOf, day, type OpenedSource, openedSource } from '../opened-source.ts'

export const apiKey = 'vapi-not-a-real-key-5f1c'

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount extends OpenedSource {
  readonly simulator: VapiSimulator
  /** Of a window of changes. */
  changed(window?: Window): Promise<readonly Stub[]>
  /** Paths of the requests so far. */
  paths(): readonly string[]
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
  const source = openVapi(read, { connectionId: 'front-desk', folder: '/', retry: shortWaits })
  const opened = openedSource(source, { usual: yesterday })
  const { stream, context } = opened
  return {
    ...opened,
    simulator,
    changed: async (window = yesterday) =>
      (await allOf(stream.changes?.list(window, context) ?? stream.list(window, context))).flatMap(
        ({ stubs }) => stubs,
      ),
    paths: () => simulator.requests.map(({ path }) => path),
  }
}
