import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../../src/domain/instant.ts'
import { Secret } from '../../../src/domain/secret.ts'
import type { Window } from '../../../src/domain/window.ts'
import { type GenesysSimulator, startGenesysSimulator } from '../../../src/simulator/genesys/simulator.ts'
import type { GenesysTraps } from '../../../src/simulator/genesys/traps.ts'
import { genesysSettings } from '../../../src/sources/genesys/settings.ts'
import { openGenesys } from '../../../src/sources/genesys/source.ts'
import { shortWaits } from '../../support/short-waits.ts'
import { day, hour, type OpenedSource, openedSource } from '../opened-source.ts'

export const clientId = '00000000-0000-4000-8000-00000000c11e'
export const clientSecret = 'genesys-secret-not-a-real-one-5f1c'

/** Midnight of today: what is older than `jobs_after` by the real clock is listed by jobs. */
export const today: EpochMicros = Math.floor((Date.now() * 1000) / day) * day

export const yesterday: Window = { from: today - day, to: today }

export interface OpenOrganization extends OpenedSource {
  readonly simulator: GenesysSimulator
  /** Method and path of the requests so far, ids as {}. */
  asked(): Readonly<Record<string, number>>
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
  const source = openGenesys(read, { connectionId: 'front-desk', folder: '/', retry: shortWaits })
  const opened = openedSource(source, { usual: yesterday })
  return {
    ...opened,
    simulator,
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
