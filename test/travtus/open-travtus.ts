import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import { Secret } from '../../src/domain/secret.ts'
import { startTravtusSimulator, type TravtusSimulator } from '../../src/simulator/travtus/simulator.ts'
import { openTravtus, type TravtusApi } from '../../src/travtus/api.ts'

export const clientId = 'reelhouse-client'
export const clientSecret = 'travtus-secret-not-a-real-one-5f1c'

export interface OpenTravtus {
  readonly simulator: TravtusSimulator
  readonly api: TravtusApi
  /** Paths of the requests so far, with their status. */
  asked(): readonly string[]
}

/** The client at a simulated Travtus with Maple Court and Oak Hill; it ends with the test. */
export const openAtSimulator = async ({
  secret = clientSecret,
  now = () => Date.now() * 1000,
}: {
  readonly secret?: string
  readonly now?: () => EpochMicros
} = {}): Promise<OpenTravtus> => {
  const simulator = await startTravtusSimulator({ clientId, clientSecret, now })
  onTestFinished(() => simulator.close())
  simulator.addCommunity({ community_id: 'uuid-maple', community_external_ref: 'MC-01', name: 'Maple Court' })
  simulator.addCommunity({ community_id: 'uuid-oak', community_external_ref: 'OH-02', name: 'Oak Hill' })
  const api = openTravtus({
    clientId,
    clientSecret: new Secret(secret),
    baseUrl: new URL(simulator.url),
    timeoutMs: 5000,
    caFile: undefined,
    folder: '/',
    retry: { firstDelayMs: 20 },
  })
  return { simulator, api, asked: () => simulator.requests.map(({ path, status }) => `${path} ${status}`) }
}
