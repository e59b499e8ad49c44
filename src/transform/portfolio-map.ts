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

/** The Travtus id of the community a row belongs to; null when no rule fits and there is no default. */
export type PortfolioMap = (connectionId: string, row: PortfolioColumns) => string | null

type ColumnReader = (row: PortfolioColumns) => Stated<string>

const ownNumber: ColumnReader = (row) => {
  if (row.message_direction === 'inbound') return row.number_dialed_by_user
  return row.message_direction === 'outbound' ? row.phone_number : undefined
}

const numberColumns: ReadonlyMap<string, ColumnReader> = new Map<string, ColumnReader>([
  ['called_number', (row) => row.number_dialed_by_user],
  ['calling_number', (row) => row.phone_number],
  ['own_number', ownNumber],
])

const compileColumn = (attribute: string): ColumnReader =>
  numberColumns.get(attribute) ??
  ((row) => (Object.hasOwn(row.map_keys, attribute) ? row.map_keys[attribute] : undefined))

interface Hit {
  readonly index: number
  readonly portfolioId: string
}

/** First rule for one attribute and value, by connection id; null = for any connection. */
type Hits = Map<string | null, Hit>

interface Attribute {
  readonly column: ColumnReader
  readonly values: Map<string, Hits>
}

const first = (a: Hit | undefined, b: Hit | undefined): Hit | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  return a.index <= b.index ? a : b
}

/** The value as rows have it: their numbers are E.164, whatever the operator wrote. Null when it is no number. */
const comparable = (rule: PortfolioRule, readPhone: PhoneReader): string | null => {
  const value = rule.value.trim()
  if (!numberColumns.has(rule.attribute)) return value
  const reading = readPhone(value)
  return reading.kind === 'value' ? reading.value : null
}

const unreadable = ({ attribute, value, connection }: PortfolioRule, country: string | null): string => {
  const rule = `portfolio rule ${attribute} ${excerpt(value)}${connection === null ? '' : ` (connection ${connection})`}`
  return country === null
    ? `${rule}: no phone number; write E.164 (+15125550100), or set portfolios.default_country`
    : `${rule}: no phone number of ${country} (portfolios.default_country); write E.164 (+15125550100)`
}

/** The rules with comparable values. One that no row could ever match is refused, with all others of its kind. */
const comparableRules = (rules: readonly PortfolioRule[], country: string | null): readonly PortfolioRule[] => {
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

const indexRules = (rules: readonly PortfolioRule[]): readonly Attribute[] => {
  const attributes = new Map<string, Attribute>()
  rules.forEach((rule, index) => {
    const attribute: Attribute = attributes.get(rule.attribute) ?? {
      column: compileColumn(rule.attribute),
      values: new Map(),
    }
    attributes.set(rule.attribute, attribute)
    const hits: Hits = attribute.values.get(rule.value) ?? new Map()
    attribute.values.set(rule.value, hits)
    if (!hits.has(rule.connection)) hits.set(rule.connection, { index, portfolioId: rule.portfolioId })
  })
  return Array.from(attributes.values())
}

/**
 * The map as one function for loading and for mapping stored rows again; the first rule that fits wins. A row costs one
 * look-up per attribute in use, however many rules there are. Throws one ConfigError of all rules whose number cannot be
 * read, and for an unknown country.
 */
export const compilePortfolioMap = (
  rules: readonly PortfolioRule[],
  defaultPortfolio: string | null,
  defaultCountry: string | null,
): PortfolioMap => {
  const attributes = indexRules(comparableRules(rules, defaultCountry))
  return (connectionId, row) => {
    if (typeof row.stated_portfolio_id === 'string') return row.stated_portfolio_id
    let found: Hit | undefined
    for (const attribute of attributes) {
      const value = attribute.column(row)
      const hits = typeof value === 'string' ? attribute.values.get(value) : undefined
      if (hits !== undefined) found = first(found, first(hits.get(null), hits.get(connectionId)))
    }
    return found?.portfolioId ?? defaultPortfolio
  }
}
