import type { Command as Program } from 'commander'
import type { ConnectionConfig } from '../config/config.ts'
import { ConfigError, ReelhouseError, SourceProtocolError } from '../domain/errors.ts'
import { Forgotten } from '../load/forgotten.ts'
import type { FileStream, ReadContext } from '../sources/source.ts'
import { type ExitName, exitOfError, worstExit } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { createDigestKey } from '../transform/digest-key.ts'
import { refuseTransactionPooling, requireServerVersion, requireUtf8 } from '../warehouse/check-warehouse.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import { transportWarning } from '../warehouse/transport.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { portfolioMapOf, sourceOf } from './connections.ts'

export const addCheck = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('check')
    .summary('check configuration, warehouse and connections')
    .description('Checks the configuration, the warehouse and every connection, and loads nothing.')
    .argument('[connections...]', 'ids of connections (default: all)')
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExamples:\n  reelhouse check\n  reelhouse check call-centre --json')
    .action(async (connections: string[], options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => check(command, connections)))
    })
}

interface Finding {
  readonly checked: string
  readonly ok: boolean
  readonly found: string
}

const check = async (command: Command, ids: readonly string[]): Promise<ExitName> => {
  const exits: ExitName[] = []
  const finding = async (checked: string, work: () => Promise<string>): Promise<Finding> => {
    try {
      return { checked, ok: true, found: await work() }
    } catch (thrown) {
      const error = warehouseError(thrown)
      if (!(error instanceof ReelhouseError)) throw error
      exits.push(exitOfError(error))
      return { checked, ok: false, found: error.message }
    }
  }
  const findings = [
    await finding('warehouse', () => checkWarehouse(command)),
    await finding('portfolio map', async () => checkPortfolios(command)),
  ]
  for (const connection of chosenConnections(command.config, ids)) {
    findings.push(await finding(connection.id, () => checkConnection(command, connection)))
  }
  const rows = findings.map(({ checked, ok, found }) => [checked, ok ? 'ok' : 'FAILED', found])
  command.print({ ok: exits.length === 0, checks: findings }, renderTable(['checked', 'result', 'found'], rows))
  return worstExit(exits)
}

const checkWarehouse = async (command: Command): Promise<string> => {
  const one = await command.openSession('check')
  const other = await command.openSession('check')
  const version = await requireServerVersion(one)
  await requireUtf8(one)
  await refuseTransactionPooling(one, other)
  await requireCurrentSchema(one)
  await new Forgotten(command.config.privacy.secrets.map(createDigestKey)).refresh(one)
  const warning = transportWarning(one.client)
  if (warning !== null) command.log.warn(warning)
  return `Postgres ${version}, schema up to date`
}

const checkPortfolios = ({ config: { portfolios } }: Command): string => {
  portfolioMapOf(portfolios)
  const rules = portfolios.rules.length
  return `${rules} ${rules === 1 ? 'rule' : 'rules'}${portfolios.default === null ? '' : ' and a default'}`
}

const checkConnection = (command: Command, connection: ConnectionConfig): Promise<string> => {
  const source = sourceOf(connection)
  const notice = (message: string) => command.log.warn(message, { connection: connection.id })
  const context = { signal: command.signal, notice }
  return source.kind === 'files' ? checkFiles(source, context) : source.check(context)
}

/** Lists the files and reads the head of each: a wrong mapping shows before anything is loaded. */
const checkFiles = async (stream: FileStream, context: ReadContext): Promise<string> => {
  const files = await stream.list(context)
  const problems: string[] = []
  for (const file of files) {
    const problem = file.problem ?? (await problemOf(() => stream.peek(file, context)))
    if (problem !== null) problems.push(problem)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  if (files.length === 0) return 'no file matches its paths yet'
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${sizeText(bytes)}`
}

const problemOf = async (work: () => Promise<void>): Promise<string | null> => {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof SourceProtocolError) return error.message
    throw error
  }
}

const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
