import { CsvError, parse } from 'csv-parse/sync'
import type { z } from 'zod'
import type { PortfolioRule } from '../domain/portfolio-rule.ts'
import { judgeValue } from './check-value.ts'
import type { PlacedRule } from './placed-rule.ts'
import { portfolioRule, referenceRule } from './portfolio-settings.ts'
import { fileProblem, type Problem } from './problem.ts'

/** What the lines of a file name their communities by: the map itself has Travtus ids only. */
export type CommunityColumn = 'portfolio_id' | 'community_external_ref'

const ruleSchemas: Readonly<Record<CommunityColumn, z.ZodType<PortfolioRule>>> = {
  portfolio_id: portfolioRule,
  community_external_ref: referenceRule,
}

const requiredOf = (column: CommunityColumn): readonly string[] => ['attribute', 'value', column]

const advice: Readonly<Record<CommunityColumn, string>> = {
  portfolio_id: '; a file with community_external_ref instead becomes one by reelhouse portfolios --resolve',
  community_external_ref: '',
}

const quoteAdvice =
  'a quote (") that is not closed or stands inside a cell; allowed: quotes around a whole cell, "" for a quote in it'

interface Line {
  readonly number: number
  readonly cells: readonly string[]
}

export interface ParsedPortfolioCsv {
  readonly rules: readonly PlacedRule[]
  readonly problems: readonly Problem[]
}

/** Lines before the first one whose quotes do not close; what comes behind it cannot be told apart. */
const linesOf = (
  file: string,
  text: string,
): { readonly lines: readonly Line[]; readonly problems: readonly Problem[] } => {
  const lines: Line[] = []
  const problems: Problem[] = []
  try {
    parse(text, {
      bom: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: (cells: string[], { lines: number }) => {
        lines.push({ number, cells })
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = (lines.at(-1)?.number ?? 0) + 1
    problems.push(fileProblem(file, line, `not CSV: ${quoteAdvice}`))
  }
  return { lines, problems }
}

const headerProblem = (header: readonly string[], column: CommunityColumn): string | null => {
  const required = requiredOf(column)
  const known = [...required, 'connection']
  const shown = JSON.stringify(header.join(','))
  const usable =
    required.every((name) => header.includes(name)) &&
    header.every((name, index) => known.includes(name) && header.indexOf(name) === index)
  if (usable) return null
  const hint = header.includes('community_external_ref') ? advice[column] : ''
  return `${shown} is not the header; allowed: ${required.join(',')} and optionally connection${hint}`
}

const ruleOf = (
  file: string,
  header: readonly string[],
  { number, cells }: Line,
  column: CommunityColumn,
): ParsedPortfolioCsv => {
  const problem = (text: string, key: string | null = null): Problem => ({ file, line: number, key, text })
  if (cells.length !== header.length)
    return { rules: [], problems: [problem(`${cells.length} cells; allowed: ${header.length}, as in the header`)] }
  const entries = header.map((name, index) => [name, cells[index] ?? ''] as const)
  const written = Object.fromEntries(entries.filter(([name, cell]) => name !== 'connection' || cell !== ''))
  const { value, findings } = judgeValue(ruleSchemas[column], written)
  return {
    rules: value === null ? [] : [{ rule: value, file, line: number }],
    problems: findings.map((finding) => problem(finding.text, finding.path.join('.') || null)),
  }
}

/** The rules of a CSV file in the order of its lines. `file` is its name in problems. */
export const parsePortfolioCsv = (
  file: string,
  text: string,
  column: CommunityColumn = 'portfolio_id',
): ParsedPortfolioCsv => {
  const { lines, problems } = linesOf(file, text)
  const [header, ...rest] = lines
  if (header === undefined) {
    const empty = fileProblem(file, 1, `empty; allowed: the header ${requiredOf(column).join(',')} and lines`)
    return { rules: [], problems: problems.length > 0 ? problems : [empty] }
  }
  const wrong = headerProblem(header.cells, column)
  if (wrong !== null) return { rules: [], problems: [fileProblem(file, header.number, wrong), ...problems] }
  const parsed = rest.map((line) => ruleOf(file, header.cells, line, column))
  return {
    rules: parsed.flatMap(({ rules }) => rules),
    problems: [...parsed.flatMap((line) => line.problems), ...problems],
  }
}
