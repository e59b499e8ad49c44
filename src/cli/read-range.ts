import { InvalidArgumentError, Option } from 'commander'
import { ConfigError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import { readDayOrInstant } from '../transform/day-or-instant.ts'
import { formatInstant } from '../transform/instant.ts'

export interface RangeOptions {
  readonly from: EpochMicros
  readonly to: EpochMicros
}

const readInstant = (text: string): EpochMicros => {
  const reading = readDayOrInstant(text)
  if (reading.kind === 'value') return reading.value
  throw new InvalidArgumentError('Write a day such as 2026-01-31 (its midnight in UTC), or an instant with its zone.')
}

const form = 'a day (its midnight in UTC) or an instant with its zone'

/** One of the two, where they may be left out. */
export const instantOption = (flags: string, meaning: string): Option =>
  new Option(flags, `${meaning}: ${form}`).argParser(readInstant)

/** `--from` and `--to`, both needed: a command that is run again must mean the same range. */
export const rangeOptions = (): readonly Option[] => [
  instantOption('--from <time>', 'where the range begins').makeOptionMandatory(),
  instantOption('--to <time>', 'where it ends, exclusive').makeOptionMandatory(),
]

/** Throws ConfigError for a range that holds no time. */
export const requireOrder = ({ from, to }: RangeOptions): void => {
  if (from >= to) throw new ConfigError([`--from ${formatInstant(from)} is not before --to ${formatInstant(to)}`])
}

/** Throws ConfigError for a range that ends where records may still be missing: `settled` is how far a stream can be read now. */
export const rangeOf = ({ from, to }: RangeOptions, settled: EpochMicros): Window => {
  if (to > settled) {
    throw new ConfigError([
      `--to ${formatInstant(to)} is too late: what is there can be said until ${formatInstant(settled)} (now, less the settling delay)`,
    ])
  }
  return { from, to }
}
