import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import {
  startTelnyxSimulator,
  type TelnyxSimulator,
  type TelnyxSimulatorOptions,
} from '../../src/simulator/telnyx/simulator.ts'

export const apiKey = 'KEY0199-not-a-real-one-77aa'

export const instant = (text: string): EpochMicros => Date.parse(text) * 1000

export const second = 1_000_000
export const minute = 60 * second
export const day = 24 * 60 * minute

export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined when it is no JSON. */
  readonly body: Body | undefined
}

/** What the tests read of an answer. */
export interface Body {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any resource
  readonly data: any
  readonly meta?: Readonly<Record<string, unknown>>
  readonly errors?: readonly { readonly code: unknown; readonly title: string }[]
}

export interface SimulatorCase {
  readonly simulator: TelnyxSimulator
  /** The account's clock, which stands still. */
  clock: EpochMicros
  /** `path` stands behind /v2/, its query readable: it is encoded here. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Asked>
  /** `data` of an answer that has it. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any resource
  data(path: string): Promise<any>
  /** Ids of the first page. */
  listed(query?: string): Promise<readonly string[]>
}

const parsed = (text: string): Body | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Ended after the test. It is 2026-07-15T12:00:00Z until the test moves the clock. */
export const createSimulatorCase = async (options: Partial<TelnyxSimulatorOptions> = {}): Promise<SimulatorCase> => {
  const clock = { now: instant('2026-07-15T12:00:00Z') }
  const simulator = await startTelnyxSimulator({ apiKey, now: () => clock.now, ...options })
  onTestFinished(() => simulator.close())
  const ask: SimulatorCase['ask'] = async (path, headers = { authorization: `Bearer ${apiKey}` }) => {
    const url = `${simulator.baseUrl}/${path.replaceAll('+', '%2B')}`
    const response = await fetch(url, { headers, redirect: 'manual' })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }
  const data: SimulatorCase['data'] = async (path) => {
    const { status, body } = await ask(path)
    if (body === undefined || !('data' in body)) throw new Error(`${path} was answered ${status} without data`)
    return body.data
  }
  return {
    simulator,
    get clock() {
      return clock.now
    },
    set clock(now) {
      clock.now = now
    },
    ask,
    data,
    listed: async (query = '') =>
      (await data(`recordings?page[size]=250&${query}`)).map(({ id }: { readonly id: string }) => id),
  }
}
