import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { ConfigError } from '../domain/errors.ts'
import { createBoundedCache } from './bounded-cache.ts'
import { type Reading, read } from './reading.ts'

/**
 * The `min` metadata: lengths and the general pattern of every country, all that normalising needs. `max` adds types and
 * exact ranges for twice the size, and ranges go stale: a number out of a newly opened one must not become null.
 */

const e164 = /^\+[1-9]\d{6,14}$/

const tel = /^tel:/i

/** Written without country code, fewer digits are an extension or a short code (911, 1001), in some countries valid ones. */
const shortestNational = 6

/** Longer cells are no numbers; the parser is not asked. */
const longest = 60

const distinctNumbers = 10_000

export type PhoneReader = (text: string) => Reading<string | null>

const unreadable: Reading<string | null> = read(null, 'phone-unreadable')

/** Spreadsheets and address books put direction marks around numbers. */
const formatCharacters = /\p{Cf}/gu

type Parse = (text: string) => string | null

const compileParse = (country: string | null): Parse => {
  if (country !== null && !isSupportedCountry(country)) {
    throw new ConfigError([`default_country "${country}" is unknown; write an ISO 3166 code (US, GB)`])
  }
  const options = country === null ? { extract: false } : { extract: false, defaultCountry: country }
  return (cell) => {
    const text = cell.replace(formatCharacters, '')
    const found = parsePhoneNumberFromString(text, options)
    if (found === undefined) return null
    const accepted = text.startsWith('+')
      ? found.isPossible()
      : found.isValid() && found.nationalNumber.length >= shortestNational
    return accepted && e164.test(found.number) ? found.number : null
  }
}

/**
 * Reads a phone number as E.164; null with the note `phone-unreadable` for what is none (`anonymous`, a SIP address, a
 * short code, letters), and for a national number without default country. An extension is dropped. A number with `+` need
 * only be possible, not assigned. Expects trimmed text. Throws ConfigError for an unknown country.
 */
export const compilePhoneReader = (defaultCountry: string | null): PhoneReader => {
  const parse = compileParse(defaultCountry)
  const known = createBoundedCache<Reading<string | null>>(distinctNumbers)
  const parseAgain = (text: string): Reading<string | null> => {
    const number = text.length > longest ? null : parse(text)
    const reading = number === null ? unreadable : read(number)
    known.set(text, reading)
    return reading
  }
  return (text) => {
    if (e164.test(text)) return read(text)
    const number = tel.test(text) ? text.slice(4).trim() : text
    return e164.test(number) ? read(number) : (known.get(number) ?? parseAgain(number))
  }
}
