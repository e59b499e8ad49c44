import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import {
  startVoipbinSimulator,
  type VoipbinSimulator,
  type VoipbinSimulatorOptions,
} from '../../src/simulator/voipbin/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { type CliCase, createCliCase } from './cli-case.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

export interface VoipbinCase extends CliCase {
  readonly simulator: VoipbinSimulator
  /** When the test began. */
  readonly began: EpochMicros
  /** Requests since they were last forgotten, by path without ids. */
  requests(): Readonly<Record<string, number>>
}

export const accessKey = 'vb0199-not-a-real-one-5f1c'

export interface VoipbinCaseOptions {
  /** Further lines of the connection, each with four blanks before it. */
  readonly settings?: string
  readonly simulator?: Partial<VoipbinSimulatorOptions>
}

/** An operator's folder with the connection `switchboard`, whose VoIPBIN is a simulator. Removed after the test. */
export const createVoipbinCase = async (options: VoipbinCaseOptions = {}): Promise<VoipbinCase> => {
  const began = Date.now() * 1000
  const simulator = await startVoipbinSimulator({ accessKey, ...options.simulator })
  onTestFinished(() => simulator.close())
  const place = await createCliCase({ config: configOf(simulator.baseUrl, began, options) })
  const withKey = (env: Readonly<Record<string, string>> = {}) => ({ VOIPBIN_ACCESS_KEY: accessKey, ...env })
  return {
    ...place,
    reelhouse: (args, env) => place.reelhouse(args, withKey(env)),
    start: (args, env) => place.start(args, withKey(env)),
    json: async (args) => {
      const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], withKey())
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: messagesIn(stderr) }
    },
    simulator,
    began,
    requests: () => countByPath(simulator),
  }
}

const configOf = (baseUrl: string, began: EpochMicros, options: VoipbinCaseOptions): string => `
connections:
  - id: switchboard
    source: voipbin
    access_key: \${VOIPBIN_ACCESS_KEY}
    base_url: ${baseUrl}
    start: ${formatInstant(began - 3 * day)}
    requests_per_second: 1000
${options.settings ?? ''}
`

const messagesIn = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level !== 'info')
    .map(({ msg }) => String(msg))

const countByPath = (simulator: VoipbinSimulator): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { path } of simulator.requests) {
    const kind = path.replace(/^.*\/v1\.0/, '').replace(/\/[0-9a-f-]{36}/g, '/{id}')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
