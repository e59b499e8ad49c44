import type { PlacedRule } from '../../config/placed-rule.ts'
import { readReferences } from '../../config/read-references.ts'
import { ConfigError } from '../../domain/errors.ts'
import type { PortfolioRule } from '../../domain/portfolio-rule.ts'
import { counted } from '../../terminal/counted.ts'
import type { ExitName } from '../../terminal/exit-code.ts'
import type { Community } from '../../travtus/answer.ts'
import type { Command } from '../command.ts'
import { writeWhole } from '../write-whole.ts'
import { communitiesBy, travtusOf } from './ask-travtus.ts'

type Found = ReadonlyMap<string, readonly Community[]>

/** Writes rules by external reference as portfolios.csv has them. Nothing is written when one reference has no single community. */
export const resolveReferences = async (command: Command, file: string, out: string | undefined): Promise<ExitName> => {
  const travtus = travtusOf(command)
  const ids = command.config.connections.map(({ id }) => id)
  const references = await readReferences(file, ids, process.cwd())
  const named = references.map(({ rule }) => rule.portfolioId)
  const found = await communitiesBy(command, travtus, 'community_external_ref', named)
  const problems = problemsOf(references, found)
  if (problems.length > 0) throw new ConfigError(problems)
  const rules = references.map(({ rule }) => ({ ...rule, portfolioId: found.get(rule.portfolioId)?.[0]?.id ?? '' }))
  if (out === undefined) command.print({ rules: rules.map(ruleDocument) }, csvOf(rules))
  else {
    await writeWhole(out, csvOf(rules))
    command.print(
      { written: out, rules: rules.map(ruleDocument) },
      `${counted(rules.length, 'rule')} written to ${out}\n`,
    )
  }
  return 'ok'
}

const problemsOf = (references: readonly PlacedRule[], found: Found): readonly string[] =>
  references.flatMap(({ rule: { portfolioId: reference }, file, line }) => {
    const communities = found.get(reference) ?? []
    if (communities.length === 1) return []
    const known =
      communities.length === 0
        ? 'Travtus knows no community with it; correct it, or leave the line out'
        : `Travtus knows ${communities.length} with it (${communities.map(({ id }) => id).join(', ')}); write the rule with the portfolio_id of one`
    return [`${file}:${line}: community_external_ref ${JSON.stringify(reference)}: ${known}`]
  })

const ruleDocument = ({ attribute, value, portfolioId, connection }: PortfolioRule) => ({
  attribute,
  value,
  portfolio_id: portfolioId,
  connection,
})

/** The reader of portfolios.csv trims what is not quoted. */
const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const csvOf = (rules: readonly PortfolioRule[]): string => {
  const lines = rules.map(({ attribute, value, portfolioId, connection }) =>
    [attribute, value, portfolioId, connection ?? ''].map(cell).join(','),
  )
  return ['attribute,value,portfolio_id,connection', ...lines, ''].join('\n')
}
