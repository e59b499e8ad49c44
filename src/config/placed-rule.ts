import type { PortfolioRule } from '../domain/portfolio-rule.ts'
import { fileProblem, type Problem } from './problem.ts'
import { unknownConnection } from './unknown-connection.ts'

/** A rule and where it is written. */
export interface PlacedRule {
  readonly rule: PortfolioRule
  readonly file: string
  readonly line: number
}

const matched = ({ rule }: PlacedRule): string => JSON.stringify([rule.attribute, rule.value, rule.connection])

const contradictions = (rules: readonly PlacedRule[]): readonly Problem[] => {
  const firsts = new Map<string, PlacedRule>()
  return rules.flatMap((placed) => {
    const first = firsts.get(matched(placed))
    if (first === undefined) firsts.set(matched(placed), placed)
    if (first === undefined || first.rule.portfolioId === placed.rule.portfolioId) return []
    const { attribute, value, portfolioId } = placed.rule
    const text = `${attribute} ${JSON.stringify(value)} goes to portfolio ${JSON.stringify(portfolioId)} here and to ${JSON.stringify(first.rule.portfolioId)} at ${first.file}:${first.line}; allowed: one portfolio`
    return [fileProblem(placed.file, placed.line, text)]
  })
}

const strangers = (rules: readonly PlacedRule[], connectionIds: readonly string[]): readonly Problem[] =>
  rules.flatMap(({ rule: { connection }, file, line }) => {
    if (connection === null || connectionIds.includes(connection)) return []
    return [{ file, line, key: 'connection', text: unknownConnection(connection, connectionIds) }]
  })

/** Rules that contradict an earlier one, and rules for connections that are not there (`connectionIds` null: not known). */
export const ruleProblems = (
  rules: readonly PlacedRule[],
  connectionIds: readonly string[] | null,
): readonly Problem[] => [...contradictions(rules), ...(connectionIds === null ? [] : strangers(rules, connectionIds))]
