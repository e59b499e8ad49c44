import { ConfigError } from '../domain/errors.ts'
import type { PortfolioRule } from '../domain/portfolio-rule.ts'
import type { Direction, MapKeys, Stated } from '../domain/recording-row.ts'
import { excerpt } from './excerpt.ts'
import { compilePhoneReader, type PhoneReader } from './phone.ts'

/** The columns that decide where a row belongs, of a row being loaded as of a stored one. */
export interface PortfolioColumns {
  /** Only what the source itself stated: it wins over the map. Left out when stored rows are mapped again. */
  readonly stated_portfolio_id?: Stated<string>
  readonly phone_number: Stated<string>
  readonly number_dialed_by_user: Stated<string>
  readonly message_direction: Stated<Direction>
  readonly map_keys: MapKeys
}

/** What a row has of one attribute. */
export type AttributeReader = (row: PortfolioColumns) => Stated<string>

const ownNumber: AttributeReader = (row) => {
  if (row.message_direction === 'inbound') return row.number_dialed_by_user
  return row.message_direction === 'outbound' ? row.phone_number : undefined
}

const numberReaders: ReadonlyMap<string, AttributeReader> = new Map<string, AttributeReader>([
  ['called_number', (row) => row.number_dialed_by_user],
  ['calling_number', (row) => row.phone_number],
  ['own_number', ownNumber],
])

export const compileAttribute = (attribute: string): AttributeReader =>
  numberReaders.get(attribute) ??
  ((row) => (Object.hasOwn(row.map_keys, attribute) ? row.map_keys[attribute] : undefined))

/** The value as rows have it: their numbers are E.164, whatever the operator wrote. Null when it is no number. */
const comparable = (rule: PortfolioRule, readPhone: PhoneReader): string | null => {
  const value = rule.value.trim()
  if (!numberReaders.has(rule.attribute)) return value
  const reading = readPhone(value)
  return reading.kind === 'value' ? reading.value : null
}

const unreadable = ({ attribute, value, connection }: PortfolioRule, country: string | null): string => {
  const rule = `portfolio rule ${attribute} ${excerpt(value)}${connection === null ? '' : ` (connection ${connection})`}`
  return country === null
    ? `${rule}: no phone number; write E.164 (+15125550100), or set portfolios.default_country`
    : `${rule}: no phone number of ${country} (portfolios.default_country); write E.164 (+15125550100)`
}

/** One number in two notations with two portfolios: the second rule could never fit. */
const contradictions = (rules: readonly PortfolioRule[]): readonly string[] => {
  const placed = new Map<string, string>()
  return rules.flatMap(({ attribute, value, connection, portfolioId }) => {
    const key = JSON.stringify([attribute, value, connection])
    const before = placed.get(key) ?? portfolioId
    placed.set(key, before)
    if (before === portfolioId) return []
    return [`portfolio rules for ${attribute} ${excerpt(value)} name both ${before} and ${portfolioId}; keep one`]
  })
}

/**
 * The rules with comparable values, in their order. Those that no row could ever match are refused, all in one ConfigError,
 * and so is an unknown country.
 */
export const comparableRules = (rules: readonly PortfolioRule[], country: string | null): readonly PortfolioRule[] => {
  const readPhone = compilePhoneReader(country)
  const problems: string[] = []
  const usable = rules.flatMap((rule) => {
    const value = comparable(rule, readPhone)
    if (value !== null) return [{ ...rule, value }]
    problems.push(unreadable(rule, country))
    return []
  })
  const all = [...problems, ...contradictions(usable)]
  if (all.length > 0) throw new ConfigError(all)
  return usable
}
