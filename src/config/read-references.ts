import { resolve } from 'node:path'
import { configError } from './config-error.ts'
import { displayName, readText } from './list-config-files.ts'
import { parsePortfolioCsv } from './parse-portfolio-csv.ts'
import { type PlacedRule, ruleProblems } from './placed-rule.ts'

/**
 * Rules that name their communities by the client's references: a file with the column `community_external_ref` where
 * portfolios.csv has portfolio_id. Throws one ConfigError with every problem of it.
 */
export const readReferences = async (
  path: string,
  connectionIds: readonly string[],
  cwd: string,
): Promise<readonly PlacedRule[]> => {
  const read = await readText(resolve(cwd, path), cwd)
  if (!('path' in read)) throw configError({ yaml: [], others: [read] }, [displayName(resolve(cwd, path), cwd)], [])
  const { rules, problems } = parsePortfolioCsv(read.name, read.text, 'community_external_ref')
  const all = [...problems, ...ruleProblems(rules, connectionIds)]
  if (all.length > 0) throw configError({ yaml: [], others: all }, [read.name], [])
  return rules
}
