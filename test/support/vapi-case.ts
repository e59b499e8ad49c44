import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import {
  startVapiSimulator,
  type VapiSimulator,
  type VapiSimulatorOptions,
} from '../../src/simulator/vapi/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { type CliCase, createCliCase, logged } from './cli-case.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

export interface VapiCase extends CliCase {
  readonly simulator: VapiSimulator
  /** When the test began. */
  readonly began: EpochMicros
  /** What was asked for since requests were last forgotten, by path without ids and the axis of listings. */
  requests(): Readonly<Record<string, number>>
}

export const apiKey = 'vapi-not-a-real-key-5f1c'

export interface VapiCaseOptions {
  /** Days before the test began. */
  readonly startDaysAgo?: number
  /** Further lines of the connection, each with four blanks before it. */
  readonly settings?: string
  readonly simulator?: Partial<VapiSimulatorOptions>
  readonly env?: Readonly<Record<string, string>>
}

/** An operator's folder with the connection `assistant`, whose Vapi is a simulator. Removed after the test. */
export const createVapiCase = async (options: VapiCaseOptions = {}): Promise<VapiCase> => {
  const began = Date.now() * 1000
  const simulator = await startVapiSimulator({ apiKey, ...options.simulator })
  onTestFinished(() => simulator.close())
  const config = `
connections:
  - id: assistant
    source: vapi
    api_key: \${VAPI_API_KEY}
    base_url: ${simulator.baseUrl}
    start: ${formatInstant(began - (options.startDaysAgo ?? 3) * day)}
    requests_per_second: 1000
    settling_delay: 1s
${options.settings ?? ''}`
  const place = await createCliCase({ config, env: options.env ?? {} })
  const env = { VAPI_API_KEY: apiKey }
  return {
    ...place,
    reelhouse: (args, more) => place.reelhouse(args, { ...env, ...more }),
    json: async (args) => {
      const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], env)
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: logged(stderr) }
    },
    simulator,
    began,
    requests: () => {
      const counts: Record<string, number> = {}
      for (const { path, query } of simulator.requests) {
        const axis = query.map(([name]) => /^(.*)Ge$/.exec(name)?.[1]).find((name) => name !== undefined)
        const kind = axis ?? path.replaceAll(/\/[0-9a-f-]{36}/g, '/{id}')
        counts[kind] = (counts[kind] ?? 0) + 1
      }
      return counts
    },
  }
}
