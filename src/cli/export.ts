import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import type { ExportConfig } from '../config/config.ts'
import { folderDelivery } from '../delivery/folder-delivery.ts'
import { ConfigError, LockHeldError } from '../domain/errors.ts'
import type { ExportRequest } from '../domain/export.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { openExportLedger } from '../load/export-ledger.ts'
import { takeLock } from '../load/locks.ts'
import { type ExportOutcome, exportRows } from '../pipeline/export-rows.ts'
import { counted } from '../terminal/counted.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { checkTravtusFiles } from './check-travtus-files.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { openForReading } from './connections.ts'
import { instantOption, requireOrder } from './read-range.ts'
import { exitOfSignal } from './signals.ts'

interface ExportOptions extends CommonOptions {
  readonly full?: boolean
  readonly from?: EpochMicros
  readonly to?: EpochMicros
  readonly again?: boolean
  readonly check?: readonly string[]
  readonly delimiter: string
}

const description = `Writes files for Travtus into export.folder: the rows whose 14 fields changed since they were sent. With nothing
to send a file without rows is written. Killed and run again, it goes on under the same file name.
--full, --from with --to: all rows, or those of a range of created_at, whether they were sent or not
--check: judges any files by the upload rules of Travtus; needs no configuration and no warehouse`

const readDelimiter = (text: string): string => {
  const delimiter = text === 'tab' ? '\t' : text
  if (!/^[,;|\t]$/.test(delimiter)) throw new InvalidArgumentError('Write one of , ; | or tab.')
  return delimiter
}

export const addExport = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('export')
    .summary('write files for Travtus, or check some')
    .description(description)
    .addOption(new Option('--full', 'send every row').conflicts(['from', 'to']))
    .addOption(instantOption('--from <time>', 'send the rows from this created_at on'))
    .addOption(instantOption('--to <time>', 'and before this one'))
    .option('--again', 'begin a --full or --from delivery anew that was stopped before its end')
    .addOption(new Option('--check <files...>', 'judge files by the rules').conflicts(['full', 'from', 'to', 'again']))
    .option(
      '--delimiter <character>',
      'with --check: between the cells of a CSV file: , ; | or tab',
      readDelimiter,
      ',',
    )
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse export\n  reelhouse export --from 2026-07-01 --to 2026-08-01\n  reelhouse export --check call_recordings_2026_07.csv',
    )
    .action(async (options: ExportOptions, self: Program) => {
      const all: ExportOptions = { ...self.optsWithGlobals(), ...options }
      if (all.check !== undefined) exit(await checkTravtusFiles(all.check, all))
      else exit(await runCommand(all, (command) => exportFiles(command, all), { stopping: 'stopping after this file' }))
    })
}

const requestOf = ({ full, from, to, again }: ExportOptions): ExportRequest => {
  if ((from === undefined) !== (to === undefined)) throw new ConfigError(['--from and --to go together'])
  if (from !== undefined && to !== undefined) {
    requireOrder({ from, to })
    return { kind: 'range', range: { from, to } }
  }
  if (full !== true && again === true) throw new ConfigError(['--again goes with --full, or with --from and --to'])
  return { kind: full === true ? 'full' : 'changes' }
}

const settingsOf = (command: Command): ExportConfig => {
  if (command.config.export !== null) return command.config.export
  throw new ConfigError(['no export: section is configured; docs/travtus-files.md shows what to write'])
}

const exportFiles = async (command: Command, options: ExportOptions): Promise<ExitName> => {
  const request = requestOf(options)
  const settings = settingsOf(command)
  const { lockSession } = await openForReading(command)
  const lock = await takeLock(lockSession, { name: 'export', key: 0, patience: 0, signal: command.signal })
  if (lock === null) throw new LockHeldError('another export is running; nothing was done')
  const ledger = openExportLedger(await command.openSession('export'), command.invocationId)
  const { reached, log: reporter, signal } = command
  const delivery = folderDelivery(settings.folder)
  const exporting = { ledger, delivery, settings, reached, reporter, signal }
  const outcome = await exportRows(exporting, request, options.again === true)
  command.print(exportDocument(outcome), exportText(outcome))
  return signal.aborted ? exitOfSignal(signal) : 'ok'
}

/** The document of `export --json`; see docs/travtus-files.md. */
const exportDocument = ({ files, withheld, deletedAfterSending }: ExportOutcome) => ({
  files: files.map(({ exportId, key, rows, bytes, resumed }) => ({ export_id: exportId, key, rows, bytes, resumed })),
  withheld,
  deleted_after_sending: deletedAfterSending,
})

const shownInText = 5

const exportText = ({ files, withheld, deletedAfterSending }: ExportOutcome): string => {
  const rows = files.map((file) => [String(file.exportId), file.key, file.rows, file.bytes])
  const waiting = Object.entries(withheld).map(([why, count]) => [why, count])
  const { count, rows: deleted } = deletedAfterSending
  const shown = deleted.slice(0, shownInText).map(({ connection, message_id }) => `${connection} ${message_id}`)
  const more = count > shown.length ? ', ...' : ''
  return [
    renderTable(['export', 'file', 'rows', 'bytes'], rows),
    waiting.length === 0 ? '' : `\nWithheld for now:\n${renderTable(['why', 'rows'], waiting)}`,
    count === 0
      ? ''
      : `\n${counted(count, 'row')} were sent and are deleted since; tell Travtus: ${shown.join(', ')}${more}\n`,
  ].join('')
}
