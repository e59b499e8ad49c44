import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import {
  startTelnyxSimulator,
  type TelnyxSimulator,
  type TelnyxSimulatorOptions,
} from '../../src/simulator/telnyx/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { type CliCase, createCliCase } from './cli-case.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

export interface TelnyxCase extends CliCase {
  readonly simulator: TelnyxSimulator
  /** When the test began. */
  readonly began: EpochMicros
  /** What the operator wrote. */
  configuration(): Promise<string>
  /** Requests for a listing, an id, the phone-number list, ... since they were last forgotten, by path without ids. */
  requests(): Readonly<Record<string, number>>
}

export const apiKey = 'KEY0199-not-a-real-one-5f1c'

export interface TelnyxCaseOptions {
  /** Days before the test began. */
  readonly startDaysAgo?: number
  /** Further lines of the connection, each with four blanks before it. */
  readonly settings?: string
  /** Further sections of the configuration. */
  readonly more?: string
  readonly simulator?: Partial<TelnyxSimulatorOptions>
}

/** An operator's folder with the connection `front-desk`, whose Telnyx is a simulator. Removed after the test. */
export const createTelnyxCase = async (options: TelnyxCaseOptions = {}): Promise<TelnyxCase> => {
  const began = Date.now() * 1000
  const simulator = await startTelnyxSimulator({ apiKey, ...options.simulator })
  onTestFinished(() => simulator.close())
  const place = await createCliCase({ config: configOf(simulator.baseUrl, began, options) })
  const withKey = (env: Readonly<Record<string, string>> = {}) => ({ TELNYX_API_KEY: apiKey, ...env })
  return {
    ...place,
    reelhouse: (args, env) => place.reelhouse(args, withKey(env)),
    start: (args, env) => place.start(args, withKey(env)),
    json: async (args) => {
      const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], withKey())
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: messagesIn(stderr) }
    },
    configuration: () => readFile(join(place.folder, 'config/reelhouse.yaml'), 'utf8'),
    simulator,
    began,
    requests: () => countByPath(simulator),
  }
}

const configOf = (baseUrl: string, began: EpochMicros, options: TelnyxCaseOptions): string => `
connections:
  - id: front-desk
    source: telnyx
    api_key: \${TELNYX_API_KEY}
    base_url: ${baseUrl}
    start: ${formatInstant(began - (options.startDaysAgo ?? 3) * day)}
    requests_per_second: 1000
${options.settings ?? ''}
${options.more ?? ''}`

const messagesIn = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level !== 'info')
    .map(({ msg }) => String(msg))

const countByPath = (simulator: TelnyxSimulator): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { path } of simulator.requests) {
    const kind = path.replace(/^.*\/v2/, '').replace(/\/[0-9a-f-]{36}$/, '/{id}')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
