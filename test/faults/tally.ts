import { appendFileSync } from 'node:fs'

/** What FAULTS_SEED says; else always the same, so that `npm test` is. */
export const seed = Number(process.env.FAULTS_SEED ?? 20_261_121)

/** Seconds of the whole run, of which each family takes its share; null: the bounded slice of `npm test`. */
export const budgetSeconds: number | null =
  process.env.FAULTS_SECONDS === undefined ? null : Number(process.env.FAULTS_SECONDS)

export interface Tried {
  readonly schedules: number
  readonly violations: number
}

/** A line of the report for `npm run faults`; nothing without it. */
export const tally = (fault: string, { schedules, violations }: Tried): void => {
  const report = process.env.FAULTS_REPORT
  if (report === undefined || report === '') return
  appendFileSync(report, `${JSON.stringify({ fault, schedules, violations, seed })}\n`)
}
