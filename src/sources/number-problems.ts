import { ConfigError } from '../domain/errors.ts'
import { compilePhoneReader, type PhoneReader } from '../transform/phone.ts'

/** For `addIssue` of a schema; the message goes behind the value that was found. */
export interface SettingProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

interface Numbered {
  readonly own_numbers?: 'account' | readonly string[] | undefined
  readonly default_country?: string | undefined
}

const phoneReader = (country: string | undefined): PhoneReader | null => {
  try {
    return compilePhoneReader(country ?? null)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

const isNumber = (text: string, readPhone: PhoneReader): boolean => {
  const reading = readPhone(text.trim())
  return reading.kind === 'value' && reading.value !== null
}

/** The own numbers that settings list, E.164; of settings without problems. */
export const listedNumbers = ({ own_numbers, default_country }: Numbered): readonly string[] => {
  const readPhone = compilePhoneReader(default_country ?? null)
  return typeof own_numbers !== 'object'
    ? []
    : own_numbers.flatMap((text) => {
        const reading = readPhone(text.trim())
        return reading.kind === 'value' && reading.value !== null ? [reading.value] : []
      })
}

/** What keeps own numbers from ever matching a call. */
export const numberProblems = ({ own_numbers, default_country }: Numbered): readonly SettingProblem[] => {
  const readPhone = phoneReader(default_country)
  if (readPhone === null) {
    return [{ path: ['default_country'], message: 'is not a country; allowed: an ISO 3166 code such as US' }]
  }
  const message = 'is not a phone number; allowed: E.164 (+15125550100), or a national one with default_country'
  const listed = typeof own_numbers === 'object' ? own_numbers : []
  return listed.flatMap((text, index) => (isNumber(text, readPhone) ? [] : [{ path: ['own_numbers', index], message }]))
}
