import type { Command as Program } from 'commander'
import { ConfigError } from '../domain/errors.ts'
import { portfolioGroups } from '../load/portfolio-groups.ts'
import { surveyPortfolios } from '../pipeline/survey-portfolios.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { compileDecisions } from '../transform/portfolio-map.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { checkCommunities, communitiesText, communityProblem } from './portfolios/check-communities.ts'
import { explainRow } from './portfolios/explain-row.ts'
import { resolveReferences } from './portfolios/resolve-references.ts'
import { surveyDocument, surveyText } from './portfolios/survey-output.ts'
import { readCount } from './read-count.ts'

interface PortfoliosOptions extends CommonOptions {
  readonly explain?: readonly string[]
  readonly limit: number
  readonly fetch?: boolean
  readonly resolve?: string
  readonly out?: string
}

const description = `Shows what today's portfolio map makes of the rows that are loaded: rows of each portfolio, rules that place
nothing, and numbers and keys that no rule knows. Changes nothing: reelhouse replay --map applies a changed map.
--explain  why one row belongs where it belongs: every rule in its order, and what the row has
--fetch    asks Travtus whether it knows every portfolio id of the map
--resolve  asks Travtus for the communities of a CSV file that has community_external_ref where portfolios.csv has
           portfolio_id, and writes the same rules with portfolio_id`

const examples = `
Examples:
  reelhouse portfolios
  reelhouse portfolios --explain front-desk 11111111-1111-4111-8111-000000000001
  reelhouse portfolios --resolve references.csv --out config/portfolios.csv`

export const addPortfolios = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('portfolios')
    .summary('check and explain the portfolio map')
    .description(description)
    .option('--explain <row...>', 'id of a connection, and message_id of one of its rows')
    .option('--fetch', 'ask Travtus for the communities of the map')
    .option('--resolve <file>', 'CSV file: attribute,value,community_external_ref and optionally connection')
    .option('--out <file>', 'where --resolve writes; default: stdout')
    .option('--limit <n>', 'how many portfolios and values are shown', readCount, 20)
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', examples)
    .action(async (options: PortfoliosOptions, self: Program) => {
      const all: PortfoliosOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => portfolios(command, all)))
    })
}

const portfolios = async (command: Command, options: PortfoliosOptions): Promise<ExitName> => {
  requireOneTask(options)
  if (options.resolve !== undefined) return resolveReferences(command, options.resolve, options.out)
  if (options.explain !== undefined) return explain(command, options.explain)
  return survey(command, options)
}

/** Throws ConfigError for options that belong to different tasks. */
const requireOneTask = ({ explain: row, fetch, resolve, out }: PortfoliosOptions): void => {
  const tasks = [row !== undefined && '--explain', fetch === true && '--fetch', resolve !== undefined && '--resolve']
  const given = tasks.filter((task) => task !== false)
  if (given.length > 1)
    throw new ConfigError([`${given.join(' and ')} exclude each other; run the command once for each`])
  if (out !== undefined && resolve === undefined) throw new ConfigError(['--out belongs to --resolve'])
}

const survey = async (command: Command, options: PortfoliosOptions): Promise<ExitName> => {
  const { rules, default: fallback, defaultCountry, places } = command.config.portfolios
  const map = compileDecisions(rules, fallback, defaultCountry)
  const session = await command.openSession('portfolios')
  await requireCurrentSchema(session)
  const reads = (attribute: string) => rules.some((rule) => rule.attribute === attribute)
  const groups = portfolioGroups(session, { calling: reads('calling_number'), called: reads('called_number') })
  const surveyed = { survey: await surveyPortfolios(groups, map), rules, places, shadows: map.shadows }
  const communities = options.fetch === true ? await checkCommunities(command) : null
  const document = surveyDocument(surveyed, options.limit)
  const text = surveyText(surveyed, options.limit)
  command.print(
    communities === null ? document : { ...document, communities },
    communities === null ? text : `${text}\n${communitiesText(communities)}`,
  )
  const problems = (communities ?? []).flatMap((community) => communityProblem(community) ?? [])
  for (const problem of problems) command.log.error(problem)
  return problems.length > 0 ? 'config' : 'ok'
}

const explain = (command: Command, row: readonly string[]): Promise<ExitName> => {
  const [connection, messageId, ...more] = row
  if (connection === undefined || messageId === undefined || more.length > 0)
    throw new ConfigError(['--explain takes the id of a connection and a message_id: --explain front-desk rec-1'])
  return explainRow(command, connection, messageId)
}
