import { DateTime, IANAZone } from 'luxon'
import { ConfigError } from '../domain/errors.ts'
import { microsPerSecond } from './calendar.ts'
import { fractionMicros } from './iso-instant.ts'

/** What a text in a luxon format says: an instant when it has an offset, else a local time and perhaps the name of its zone. */
export type FormattedInstant =
  | { readonly kind: 'instant'; readonly micros: number }
  | { readonly kind: 'local'; readonly micros: number; readonly zone: string | null }

type Parse = (text: string) => FormattedInstant | null

const locale = 'en-US'
const inUtc = { locale, zone: 'utc', setZone: true }

/** As for ISO texts: a larger one is a broken cell. */
const offsetMinutes = 16 * 60

/** Newer ICU writes one of these before AM and PM, and what looks like a blank would not be of the format. */
const hardSpaces = /[\u00a0\u202f]/g

const problemOf = (has: (token: RegExp) => boolean): string | null => {
  const dayOfMonth = has(/^[ML]+$/) && has(/^dd?$/)
  const date = has(/^y+$/) ? dayOfMonth || has(/^o+$/) : has(/^kk/) && has(/^W+$/) && has(/^[Ec]+$/)
  if (!date) return 'names no complete date (year, month and day); luxon would take the missing part from today'
  if (has(/^hh?$/) && !has(/^a$/)) return 'has hours of a 12-hour clock (h) without AM or PM (a); write H for 24 hours'
  if (has(/^HH?$/) && has(/^a$/)) return 'has hours of a 24-hour clock (H) with AM or PM (a); write h'
  return null
}

/**
 * The text of a fraction of seconds, because luxon cuts it to milliseconds. Every token is one group of the expression,
 * offsets are three.
 */
const fractionGroup = (tokens: readonly string[]): number | null => {
  const index = tokens.findIndex((token) => /^u+$/.test(token))
  if (index === -1) return null
  return 1 + tokens.slice(0, index).reduce((groups, token) => groups + (/^Z+$/.test(token) ? 3 : 1), 0)
}

const compileMicros = (tokens: readonly string[], expression: RegExp): ((text: string, millis: number) => number) => {
  const group = fractionGroup(tokens)
  if (group === null) return (_, millis) => millis * 1000
  return (text, millis) =>
    Math.floor(millis / 1000) * microsPerSecond + fractionMicros(expression.exec(text)?.[group] ?? '0')
}

/** Fields by luxon, instant by the caller's zone arithmetic: luxon would move a time within a DST gap without a word. */
const compileNamedZone = (format: string, toMicros: (text: string, millis: number) => number): Parse => {
  return (text) => {
    const { result, zone } = DateTime.fromFormatExplain(text, format, { locale })
    if (result === null || result === undefined || !(zone instanceof IANAZone) || !zone.isValid) return null
    const fields = DateTime.fromObject(result, { locale, zone: 'utc' })
    return fields.isValid ? { kind: 'local', micros: toMicros(text, fields.toMillis()), zone: zone.name } : null
  }
}

const compileParse = (format: string): Parse => {
  const explained = DateTime.fromFormatExplain('', format, { locale })
  const tokens = explained.tokens.map((token) => (token.literal ? '' : token.val))
  const has = (pattern: RegExp): boolean => tokens.some((token) => pattern.test(token))
  const problem = problemOf(has)
  if (problem !== null) throw new ConfigError([`instant format "${format}" ${problem}`])
  const toMicros = compileMicros(tokens, explained.regex ?? /(?!)/)
  const hasOffset = has(/^Z{1,3}$/)
  if (has(/^z$/) && !hasOffset) return compileNamedZone(format, toMicros)
  const parser = DateTime.buildFormatParser(format, { locale })
  return (text) => {
    const parsed = DateTime.fromFormatParser(text, parser, inUtc)
    if (!parsed.isValid || Math.abs(parsed.offset) >= offsetMinutes) return null
    const micros = toMicros(text, parsed.toMillis())
    return hasOffset ? { kind: 'instant', micros } : { kind: 'local', micros, zone: null }
  }
}

/**
 * Throws ConfigError for a format that leaves part of the date or half of the day open. The parser yields null for a text
 * that is not of the format, or no such day or time.
 */
export const compileLuxonFormat = (format: string): Parse => {
  const parse = compileParse(format.replace(hardSpaces, ' '))
  return (text) => parse(text.replace(hardSpaces, ' '))
}
