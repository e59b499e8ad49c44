import type { PortfolioGroup } from '../domain/portfolio-group.ts'
import type { Decision, PortfolioDecisions } from '../transform/portfolio-map.ts'
import { compileAttribute, type PortfolioColumns } from '../transform/portfolio-rules.ts'
import { Tally } from './tally.ts'

export interface RuleUse {
  /** Rows it fits, and those of them that it places: others go to an earlier rule, or their source states a portfolio. */
  readonly fits: number
  readonly places: number
}

/** A value that no rule knows. */
export interface UnmatchedValue {
  readonly connection: string
  readonly attribute: string
  readonly value: string
  readonly rows: number
}

/** What today's map makes of the living rows. */
export interface PortfolioSurvey {
  readonly rows: number
  readonly by: Readonly<Record<Decision['by'], number>>
  /** Rows whose stored portfolio is another than today's map gives them. */
  readonly outdated: number
  /** Most rows first. Null: no portfolio. */
  readonly portfolios: readonly { readonly portfolio_id: string | null; readonly rows: number }[]
  /** In the order of the rules. */
  readonly rules: readonly RuleUse[]
  /** What rows that no rule fits have of numbers and map keys; most rows first. A row with two keys counts under both. */
  readonly unmatched: readonly UnmatchedValue[]
  /** Rows of further such values, beyond those that are told apart. */
  readonly unmatchedBeyond: number
}

const readOwn = compileAttribute('own_number')

/** By what a rule could be written: our number, the called one while the direction is unknown, every map key. */
const valuesOf = (row: PortfolioColumns): readonly (readonly [attribute: string, value: string])[] => {
  const own = readOwn(row)
  const called = row.message_direction === null ? row.number_dialed_by_user : null
  const numbers = { own_number: own, called_number: called }
  return Object.entries({ ...row.map_keys, ...numbers }).flatMap(([attribute, value]) =>
    typeof value === 'string' ? [[attribute, value] as const] : [],
  )
}

/** Values that are told apart: a key that is another in every row must not fill the memory. */
const mostValues = 100_000

/** `groups`: the largest first, so that what is beyond the first values is the smallest. */
export const surveyPortfolios = async (
  groups: AsyncIterable<PortfolioGroup>,
  map: PortfolioDecisions,
): Promise<PortfolioSurvey> => {
  const by = { stated: 0, rule: 0, default: 0, nothing: 0 }
  const fits = map.rules.map(() => 0)
  const places = map.rules.map(() => 0)
  const portfolios = new Tally<string | null>(mostValues)
  const unmatched = new Tally<string>(mostValues)
  let outdated = 0
  for await (const { connection_id, portfolio_id, rows, ...group } of groups) {
    const row = { ...group, map_keys: group.map_keys ?? {} }
    const decision = map.decide(connection_id, row)
    by[decision.by] += rows
    portfolios.add(decision.portfolioId, rows)
    if (decision.portfolioId !== portfolio_id) outdated += rows
    for (const index of map.fitting(connection_id, row)) fits[index] = (fits[index] ?? 0) + rows
    if (decision.by === 'rule') places[decision.index] = (places[decision.index] ?? 0) + rows
    if (decision.by === 'default' || decision.by === 'nothing')
      for (const value of valuesOf(row)) unmatched.add(JSON.stringify([connection_id, ...value]), rows)
  }
  return {
    rows: by.stated + by.rule + by.default + by.nothing,
    by,
    outdated,
    portfolios: portfolios.entries().map(([portfolio, rows]) => ({ portfolio_id: portfolio, rows })),
    rules: map.rules.map((_, index) => ({ fits: fits[index] ?? 0, places: places[index] ?? 0 })),
    unmatched: unmatched.entries().map(([key, rows]) => ({ ...unmatchedOf(key), rows })),
    unmatchedBeyond: unmatched.beyond,
  }
}

const unmatchedOf = (key: string): Omit<UnmatchedValue, 'rows'> => {
  const [connection = '', attribute = '', value = '']: readonly string[] = JSON.parse(key)
  return { connection, attribute, value }
}
