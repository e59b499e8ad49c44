import type { PortfolioRule } from '../domain/portfolio-rule.ts'
import { type AttributeReader, comparableRules, compileAttribute, type PortfolioColumns } from './portfolio-rules.ts'

/** The Travtus id of the community a row belongs to; null when no rule fits and there is no default. */
export type PortfolioMap = (connectionId: string, row: PortfolioColumns) => string | null

/** Why a row belongs where it belongs. `index`: of the rule, from 0. */
export type Decision =
  | { readonly by: 'stated'; readonly portfolioId: string }
  | { readonly by: 'rule'; readonly portfolioId: string; readonly index: number }
  | { readonly by: 'default'; readonly portfolioId: string }
  | { readonly by: 'nothing'; readonly portfolioId: null }

type Hit = Extract<Decision, { readonly by: 'rule' }>

/** The map, with its reasons: what loads rows, what maps stored ones again, and what explains it are this one. */
export interface PortfolioDecisions {
  decide(connectionId: string, row: PortfolioColumns): Decision
  /** Rules that fit a row, whichever wins. Of rules that say the same, the first. */
  fitting(connectionId: string, row: PortfolioColumns): readonly number[]
  /** The rules as rows are compared with them: numbers as E.164. */
  readonly rules: readonly PortfolioRule[]
  /** For every rule, the earlier one for the same value that always wins over it; null = there is none. */
  readonly shadows: readonly (number | null)[]
}

/** First rule for one attribute and value, by connection id; null = for any connection. */
type Hits = Map<string | null, Hit>

interface Attribute {
  readonly read: AttributeReader
  readonly values: Map<string, Hits>
}

const indexRules = (
  rules: readonly PortfolioRule[],
): { readonly attributes: readonly Attribute[]; readonly shadows: readonly (number | null)[] } => {
  const attributes = new Map<string, Attribute>()
  const shadows = rules.map(({ attribute: name, value, connection, portfolioId }, index) => {
    const attribute: Attribute = attributes.get(name) ?? { read: compileAttribute(name), values: new Map() }
    attributes.set(name, attribute)
    const hits: Hits = attribute.values.get(value) ?? new Map()
    attribute.values.set(value, hits)
    const before = hits.get(null) ?? hits.get(connection)
    if (!hits.has(connection)) hits.set(connection, { by: 'rule', index, portfolioId })
    return before?.index ?? null
  })
  return { attributes: Array.from(attributes.values()), shadows }
}

/**
 * A row costs one look-up per attribute in use, however many rules there are. Throws one ConfigError of all rules whose number
 * cannot be read or that contradict each other, and for an unknown country.
 */
export const compileDecisions = (
  written: readonly PortfolioRule[],
  defaultPortfolio: string | null,
  defaultCountry: string | null,
): PortfolioDecisions => {
  const rules = comparableRules(written, defaultCountry)
  const { attributes, shadows } = indexRules(rules)
  const otherwise: Decision =
    defaultPortfolio === null ? { by: 'nothing', portfolioId: null } : { by: 'default', portfolioId: defaultPortfolio }
  const hitsOf = (connectionId: string, row: PortfolioColumns): readonly Hit[] => {
    const found: Hit[] = []
    for (const { read, values } of attributes) {
      const value = read(row)
      const hits = typeof value === 'string' ? values.get(value) : undefined
      for (const hit of [hits?.get(null), hits?.get(connectionId)]) if (hit !== undefined) found.push(hit)
    }
    return found
  }
  return {
    rules,
    shadows,
    fitting: (connectionId, row) => hitsOf(connectionId, row).map(({ index }) => index),
    decide: (connectionId, row) => {
      if (typeof row.stated_portfolio_id === 'string') return { by: 'stated', portfolioId: row.stated_portfolio_id }
      let first: Hit | undefined
      for (const hit of hitsOf(connectionId, row)) if (first === undefined || hit.index < first.index) first = hit
      return first ?? otherwise
    },
  }
}

/** The same as one function, for loading and for mapping stored rows again. */
export const compilePortfolioMap = (...map: Parameters<typeof compileDecisions>): PortfolioMap => {
  const { decide } = compileDecisions(...map)
  return (connectionId, row) => decide(connectionId, row).portfolioId
}
