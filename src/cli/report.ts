import { InvalidArgumentError, type Command as Program } from 'commander'
import { DateTime, IANAZone } from 'luxon'
import { ConfigError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import { readOldest, readReport, readWholeTable, type WholeTable } from '../load/report-data.ts'
import { reportPage } from '../report/page.ts'
import { clockTime } from '../report/words.ts'
import { counted } from '../terminal/counted.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { readDayOrInstant } from '../transform/day-or-instant.ts'
import { excerpt } from '../transform/excerpt.ts'
import { formatInstant } from '../transform/instant.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import type { Session } from '../warehouse/session.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { writeWhole } from './write-whole.ts'

/** As the operator writes it. */
export interface ReportedRange {
  readonly from?: string
  readonly to?: string
  readonly zone: string
}

interface ReportOptions extends CommonOptions, ReportedRange {
  readonly out: string
}

const description = `Writes one HTML page with plots: volume, durations, direction, portfolios, completeness, freshness, quarantine, and
what is waited for. It needs no network, and holds counts only: no name, number or text of anybody.
Without --from and --to it shows the 90 days up to the newest recording.`

export const addReport = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('report')
    .summary('write a page with plots of what is loaded')
    .description(description)
    .option('--out <file>', 'where it is written', 'reelhouse-report.html')
    .option('--from <time>', 'where it begins: a day (its midnight in the zone) or an instant with its zone')
    .option('--to <time>', 'where it ends, exclusive')
    .option('--zone <zone>', 'whose days are counted: America/Chicago', readZone, 'UTC')
    .option('--json', 'print where it was written as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse report\n  reelhouse report --from 2026-01-01 --to 2027-01-01 --zone America/Chicago --out year.html',
    )
    .action(async (options: ReportOptions, self: Program) => {
      const all: ReportOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => report(command, all)))
    })
}

const readZone = (text: string): string => {
  if (IANAZone.isValidZone(text)) return text
  throw new InvalidArgumentError('Write the name of a time zone such as America/Chicago.')
}

const report = async (command: Command, options: ReportOptions): Promise<ExitName> => {
  const session = await command.openSession('report')
  await requireCurrentSchema(session)
  const { window, rows } = await writeReport(command, session, options)
  const { zone, out } = options
  command.print(
    { written: out, from: formatInstant(window.from), to: formatInstant(window.to), zone, rows },
    `${out}: ${counted(rows, 'row')}, ${clockTime(window.from, zone)} to ${clockTime(window.to, zone)} ${zone}\n`,
  )
  return 'ok'
}

/** Writes the page; returns the time it shows, and how many rows. */
export const writeReport = async (
  command: Command,
  session: Session,
  options: ReportedRange & { readonly out: string },
): Promise<{ readonly window: Window; readonly rows: number }> => {
  const whole = await readWholeTable(session)
  const window = await windowOf(session, options, whole)
  const data = await readReport(session, window, options.zone)
  const known = new Set(data.fresh.map(({ connection }) => connection))
  const never = command.config.connections.map(({ id }) => id).filter((id) => !known.has(id))
  const page = reportPage({ data, whole, never, window, zone: options.zone, now: now() })
  await writeWhole(options.out, command.redact(page))
  return { window, rows: data.volume.reduce((sum, cell) => sum + cell.rows, 0) }
}

const usualDays = 90

/** Whole days of the zone: up to that of the newest recording, from that of the first of the 90 days before. */
const windowOf = async (session: Session, { from, to, zone }: ReportedRange, whole: WholeTable): Promise<Window> => {
  const end = to === undefined ? midnight(whole.newest ?? now(), zone, 1) : readTime('--to', to, zone)
  const start = from === undefined ? await usualStart(session, end, zone) : readTime('--from', from, zone)
  if (start < end) return { from: start, to: end }
  throw new ConfigError([`--from ${formatInstant(start)} is not before --to ${formatInstant(end)}`])
}

const usualStart = async (session: Session, end: EpochMicros, zone: string): Promise<EpochMicros> => {
  const from = midnight(end - 1, zone, 1 - usualDays)
  const oldest = await readOldest(session, { from, to: end })
  return oldest === null ? from : midnight(oldest, zone, 0)
}

/** Where the day begins that comes so many days after that of an instant. */
const midnight = (instant: EpochMicros, zone: string, days: number): EpochMicros =>
  DateTime.fromMillis(Math.floor(instant / 1000), { zone })
    .startOf('day')
    .plus({ days })
    .toMillis() * 1000

const readTime = (option: string, text: string, zone: string): EpochMicros => {
  const reading = readDayOrInstant(text, zone)
  if (reading.kind === 'value') return reading.value
  throw new ConfigError([`${option} ${excerpt(text)}: write a day such as 2026-01-31, or an instant with its zone`])
}
