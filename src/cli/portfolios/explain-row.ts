import { ConfigError } from '../../domain/errors.ts'
import type { PortfolioRule } from '../../domain/portfolio-rule.ts'
import { findConnection } from '../../load/connections.ts'
import { findMappedRow, type MappedRow } from '../../load/find-mapped-row.ts'
import type { ExitName } from '../../terminal/exit-code.ts'
import { renderTable } from '../../terminal/table.ts'
import { excerpt } from '../../transform/excerpt.ts'
import { compileDecisions, type Decision } from '../../transform/portfolio-map.ts'
import { compileAttribute, type PortfolioColumns } from '../../transform/portfolio-rules.ts'
import { requireCurrentSchema } from '../../warehouse/migrations.ts'
import type { Session } from '../../warehouse/session.ts'
import { type Command, chosenConnections } from '../command.ts'
import { ruleText } from './survey-output.ts'

/** One rule against one row. */
interface Trial {
  readonly rule: PortfolioRule
  readonly place: string
  /** What the row has of the attribute. */
  readonly found: string | null
  readonly outcome: 'places the row' | 'would fit, too late' | 'other value' | 'not in the row' | 'other connection'
}

interface Explained {
  readonly connection: string
  readonly messageId: string
  readonly stored: MappedRow
  readonly decision: Decision
  readonly trials: readonly Trial[]
}

export const explainRow = async (command: Command, id: string, messageId: string): Promise<ExitName> => {
  const session = await command.openSession('portfolios')
  await requireCurrentSchema(session)
  const connection = await connectionOfRows(command, session, id)
  const stored = await findMappedRow(session, connection, messageId)
  if (stored === null) throw new ConfigError([`connection ${connection} has no row with message_id ${messageId}`])
  const explained = explain(command, connection, messageId, stored)
  command.print(explainedDocument(explained), explainedText(explained))
  return 'ok'
}

/** One that adds into another has no rows of its own. One that is configured no more may still have some. */
const connectionOfRows = async (command: Command, session: Session, id: string): Promise<string> => {
  const configured = command.config.connections.find((connection) => connection.id === id)
  if (configured === undefined && (await findConnection(session, id)) === undefined)
    chosenConnections(command.config, [id])
  return configured?.into ?? id
}

const explain = ({ config: { portfolios } }: Command, connection: string, messageId: string, stored: MappedRow) => {
  const { rules, default: fallback, defaultCountry, places } = portfolios
  const map = compileDecisions(rules, fallback, defaultCountry)
  const row = { ...stored, map_keys: stored.map_keys ?? {} }
  const decision = map.decide(connection, row)
  const trials = map.rules.map((rule, index): Trial => {
    const found = compileAttribute(rule.attribute)(row) ?? null
    const outcome = outcomeOf(rule, found, connection, decision.by === 'rule' && decision.index === index)
    return { rule, place: places[index] ?? '', found, outcome }
  })
  return { connection, messageId, stored, decision, trials }
}

const outcomeOf = (rule: PortfolioRule, found: string | null, connection: string, wins: boolean): Trial['outcome'] => {
  if (wins) return 'places the row'
  if (found === null) return 'not in the row'
  if (found !== rule.value) return 'other value'
  return rule.connection === null || rule.connection === connection ? 'would fit, too late' : 'other connection'
}

const decisions: Readonly<Record<Decision['by'], string>> = {
  stated: 'its source states it, which wins over the map',
  rule: 'by a rule',
  default: 'by the default, as no rule fits',
  nothing: 'no rule fits, and there is no default',
}

const explainedDocument = ({ connection, messageId, stored, decision, trials }: Explained) => ({
  connection,
  message_id: messageId,
  portfolio_id: decision.portfolioId,
  decided_by: decision.by === 'stated' ? 'source' : decision.by,
  written_at: decision.by === 'rule' ? (trials[decision.index]?.place ?? null) : null,
  stored_portfolio_id: stored.portfolio_id,
  deleted: stored.is_deleted,
  row: rowValues(stored),
  rules: trials.map(({ rule, place, found, outcome }) => ({
    attribute: rule.attribute,
    value: rule.value,
    connection: rule.connection,
    portfolio_id: rule.portfolioId,
    written_at: place,
    in_the_row: found,
    outcome,
  })),
})

/** All that a rule could be written for. */
const rowValues = (stored: MappedRow): Readonly<Record<string, string | null>> => {
  const row: PortfolioColumns = { ...stored, map_keys: stored.map_keys ?? {} }
  const numbers = ['own_number', 'called_number', 'calling_number']
  return Object.fromEntries(
    [...numbers, ...Object.keys(row.map_keys)].map((name) => [name, compileAttribute(name)(row) ?? null]),
  )
}

const explainedText = (explained: Explained): string => {
  const { connection, messageId, stored, decision, trials } = explained
  const place = decision.by === 'rule' ? ` at ${trials[decision.index]?.place}` : ''
  const outdated =
    stored.portfolio_id === decision.portfolioId
      ? ''
      : `Stored is ${stored.portfolio_id ?? 'none'}: reelhouse replay --map applies today's map.\n`
  const values = Object.entries(rowValues(stored)).map(([name, value]) => [
    name,
    value === null ? null : excerpt(value),
  ])
  return [
    `${connection} ${messageId}: portfolio ${decision.portfolioId ?? 'none'}, ${decisions[decision.by]}${place}\n${outdated}`,
    renderTable(['attribute', 'in the row'], values),
    trialsText(trials),
  ].join('\n')
}

const trialsText = (trials: readonly Trial[]): string => {
  if (trials.length === 0) return 'No rule is configured.\n'
  return renderTable(
    ['rule', 'written at', 'portfolio', 'outcome'],
    trials.map(({ rule, place, outcome }) => [ruleText(rule), place, rule.portfolioId, outcome]),
  )
}
