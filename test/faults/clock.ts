import type { EpochMicros } from '../../src/domain/instant.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

export interface Clock {
  now(): EpochMicros
  /** Microseconds. */
  advance(by: number): void
  /** Back to when every schedule begins. */
  restart(): void
  /** Date.now is the real one again. */
  release(): void
}

/** When every schedule begins: in the middle of a UTC day, so that days end in the middle of what is read. */
export const beginning: EpochMicros = Date.UTC(2026, 6, 15, 10) * 1000

/**
 * One clock for everything in the process (sync, sources, simulator), as on one machine: it goes on by itself, so that what
 * is read later is later, and jumps when a schedule says so. Postgres keeps the real time.
 */
export const takeClock = (): Clock => {
  const real = Date.now
  let offset = 0
  Date.now = () => real() + offset
  const clock: Clock = {
    now: () => Date.now() * 1000,
    advance: (by) => {
      offset += by / 1000
    },
    restart: () => {
      offset = beginning / 1000 - real()
    },
    release: () => {
      Date.now = real
    },
  }
  clock.restart()
  return clock
}
