import { readFile } from 'node:fs/promises'
import { Command, CommanderError, Option } from 'commander'
import { z } from 'zod'
import { type ExitName, exitCodes } from '../terminal/exit-code.ts'
import { logLevels } from '../terminal/log.ts'
import { addBackfill } from './backfill.ts'
import { addCheck } from './check.ts'
import { addDemo } from './demo.ts'
import { addExport } from './export.ts'
import { addForget } from './forget.ts'
import { addMigrate } from './migrate.ts'
import { addPortfolios } from './portfolios.ts'
import { addPrune } from './prune.ts'
import { addRejects } from './rejects.ts'
import { addReplay } from './replay.ts'
import { addReport } from './report.ts'
import { addResolve } from './resolve.ts'
import { addSchema } from './schema.ts'
import { addStatus } from './status.ts'
import { addSync } from './sync.ts'
import { addVerify } from './verify.ts'
import { addWarehouse } from './warehouse.ts'

const commands = [
  addDemo,
  addSync,
  addBackfill,
  addVerify,
  addReplay,
  addPortfolios,
  addResolve,
  addExport,
  addStatus,
  addRejects,
  addReport,
  addCheck,
  addMigrate,
  addWarehouse,
  addSchema,
  addPrune,
  addForget,
]

const defaultConfig: readonly string[] = ['config']

/** One path an option: `<path...>` would swallow the command and the connections behind it. */
const collectPaths = (path: string, before: readonly string[]): readonly string[] =>
  before === defaultConfig ? [path] : [...before, path]

/** Runs the command line; returns the exit code. */
export const runProgram = async (argv: readonly string[]): Promise<number> => {
  let exit: ExitName = 'ok'
  const program = new Command('reelhouse')
    .description('Loads call recordings from phone platforms and dump files into your own Postgres.')
    .version(await packageVersion())
    .addOption(
      new Option('-c, --config <path>', 'YAML file, or folder of them; may be repeated')
        .env('REELHOUSE_CONFIG')
        .default(defaultConfig, 'config')
        .argParser(collectPaths),
    )
    .addOption(new Option('--log-level <level>', 'what is logged on stderr').choices(logLevels).default('info'))
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(reelhouse --help shows what there is)')
  for (const add of commands) add(program, (name) => (exit = name))
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.config.code
  }
  return exitCodes[exit].code
}

const packageVersion = async (): Promise<string> => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
