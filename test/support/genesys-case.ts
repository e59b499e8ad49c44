import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import {
  type GenesysSimulator,
  type GenesysSimulatorOptions,
  startGenesysSimulator,
} from '../../src/simulator/genesys/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { type CliCase, createCliCase, logged } from './cli-case.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

const clientId = '00000000-0000-4000-8000-00000000c11e'
export const clientSecret = 'genesys-secret-not-a-real-one-5f1c'

export interface GenesysCase extends CliCase {
  readonly simulator: GenesysSimulator
  /** When the test began. */
  readonly began: EpochMicros
  /** What is waited for is due at once. */
  makeDue(): Promise<void>
  /** Requests since they were last forgotten, by path without ids. */
  requests(): Readonly<Record<string, number>>
}

export interface GenesysCaseOptions {
  /** Days before the test began. */
  readonly startDaysAgo?: number
  /** Connections to the one organization; default: `front-desk`. */
  readonly connections?: readonly string[]
  /** Further lines of the connection, each with four blanks before it. */
  readonly settings?: string
  readonly simulator?: Partial<GenesysSimulatorOptions>
}

/** An operator's folder with connections whose Genesys Cloud is a simulator. Removed after the test. */
export const createGenesysCase = async (options: GenesysCaseOptions = {}): Promise<GenesysCase> => {
  const began = Date.now() * 1000
  const simulator = await startGenesysSimulator({ clientId, clientSecret, ...options.simulator })
  onTestFinished(() => simulator.close())
  const place = await createCliCase({ config: configOf(simulator.url, began, options) })
  const withSecret = (env: Readonly<Record<string, string>> = {}) => ({ GENESYS_CLIENT_SECRET: clientSecret, ...env })
  return {
    ...place,
    reelhouse: (args, env) => place.reelhouse(args, withSecret(env)),
    start: (args, env) => place.start(args, withSecret(env)),
    json: async (args) => {
      const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], withSecret())
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: logged(stderr) }
    },
    simulator,
    began,
    makeDue: async () => {
      await place.rows("update reelhouse.follow_ups set next_attempt_at = now() - interval '1 second' returning 1")
    },
    requests: () => countByPath(simulator),
  }
}

const configOf = (url: string, began: EpochMicros, options: GenesysCaseOptions): string =>
  ['connections:', ...(options.connections ?? ['front-desk']).map((id) => connectionOf(id, url, began, options))].join(
    '',
  )

const connectionOf = (id: string, url: string, began: EpochMicros, options: GenesysCaseOptions): string => `
  - id: ${id}
    source: genesys
    client_id: ${clientId}
    client_secret: \${GENESYS_CLIENT_SECRET}
    region: mypurecloud.ie
    base_url: ${url}
    login_url: ${url}
    start: ${formatInstant(began - (options.startDaysAgo ?? 3) * day)}
    requests_per_minute: 60000
    recordings_per_minute: 30000
${options.settings ?? ''}`

const countByPath = (simulator: GenesysSimulator): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { path } of simulator.requests) {
    const kind = path.replace('/api/v2', '').replaceAll(/\/[0-9a-f-]{36}(?=\/|$)/g, '/{}')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
