import { appendFileSync } from 'node:fs'

/** What FAULTS_SEED says; else always the same, so that `npm test` is. */
export const seed = Number(process.env.FAULTS_SEED ?? 20_261_121)

const stated = (name: string): number | null => {
  const text = process.env[name]
  return text === undefined || text === '' ? null : Number(text)
}

/** How much `npm run faults` may try, of which each family takes its share; null: the bounded slice of `npm test`. */
export const budget = { seconds: stated('FAULTS_SECONDS'), schedules: stated('FAULTS_SCHEDULES') } as const

/** In `npm run faults` more is tried than a slice. */
export const isWhole = budget.seconds !== null || budget.schedules !== null

export interface Tried {
  readonly schedules: number
  readonly violations: number
}

/**
 * A line of the report for `npm run faults`; nothing without it. `of`: what befell schedules that another line counts as a
 * whole.
 */
export const tally = (fault: string, { schedules, violations }: Tried, of?: 'counted elsewhere'): void => {
  const report = process.env.FAULTS_REPORT
  if (report === undefined || report === '') return
  appendFileSync(report, `${JSON.stringify({ fault, schedules, violations, seed, whole: of === undefined })}\n`)
}
