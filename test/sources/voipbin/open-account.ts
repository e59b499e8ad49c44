import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { startVoipbinSimulator, type VoipbinSimulator } from '../../../src/simulator/voipbin/simulator.ts'
import type { VoipbinTraps } from '../../../src/simulator/voipbin/traps.ts'
import { voipbinSettings } from '../../../src/sources/voipbin/settings.ts'
import { openVoipbin } from '../../../src/sources/voipbin/source.ts'
import { shortWaits } from '../../support/short-waits.ts'
import { day, type OpenedSource, openedSource } from '../opened-source.ts'

export const accessKey = 'vb0199-not-a-real-one-5f1c'

/** The account's clock stands still. */
export const now: EpochMicros = Date.UTC(2026, 6, 15) * 1000

/** The day before. */
export const yesterday: Window = { from: now - day, to: now }

export interface OpenAccount extends OpenedSource {
  readonly simulator: VoipbinSimulator
  /** The records of a window as they are stored, with what is joined to new ones. */
  joined(window?: Window): Promise<readonly unknown[]>
  /** Paths of the requests so far, behind /v1.0. */
  paths(): readonly string[]
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
  const source = openVoipbin(read, { connectionId: 'front-desk', folder: '/', retry: shortWaits }, clock)
  const opened = openedSource(source, { usual: yesterday })
  const { stream, context, list } = opened
  return {
    ...opened,
    simulator,
    joined: async (window) => {
      const records: unknown[] = []
      for (const { record } of (await list(window)).flatMap(({ stubs }) => stubs))
        records.push(await stream.join?.(record, context))
      return records
    },
    paths: () => simulator.requests.map(({ path }) => path.replace('/v1.0', '')),
  }
}
