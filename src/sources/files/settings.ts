import { IANAZone } from 'luxon'
import { z } from 'zod'
import { countryCode } from '../../domain/country.ts'
import { dotdoFieldsSetting } from '../dotdo/fields-setting.ts'
import { shapeProblems } from './shape-problems.ts'

/** A column by its header name; in JSON a key, or a dotted path (`call.customer.number`). */
const column = z.string().min(1).describe('Column by its header name; in JSON a key or a dotted path')

const constant = z.strictObject({ constant: z.string().min(1).describe('The same value in every row') })

const hash = z.strictObject({
  hash: z
    .array(column)
    .min(1)
    .describe('Columns whose values together identify the record: an id is derived from them for dumps without one'),
})

const text = z.union([column, z.strictObject({ column }), constant])
const id = z.union([column, z.strictObject({ column }), constant, hash])

const zone = z
  .string()
  .refine((name) => IANAZone.isValidZone(name), 'is not a time zone; allowed: an IANA name such as America/Chicago')
  .describe('IANA time zone (America/Chicago, UTC) of instants written without one; without it they are rejected')

const format = z
  .string()
  .refine((text) => text.trim() !== '', 'is blank; allowed: iso, unix_s, unix_ms, unix_us, or a luxon format')

const instantFormat = z
  .union([format, z.array(format).min(1)])
  .describe(
    'iso, unix_s, unix_ms, unix_us, or a luxon format such as "M/d/yy hh:mm a"; a list is tried in order. Default iso',
  )

const instant = z.union([
  column,
  z.strictObject({
    column: z.union([column, z.array(column).min(2)]).describe('A column, or several (date, time) joined by one space'),
    format: instantFormat.optional(),
    zone: zone.optional(),
  }),
])

const duration = z.union([
  column,
  z.strictObject({
    column,
    unit: z.enum(['s', 'ms', 'h:mm:ss']).default('s').describe('Unit of the duration; h:mm:ss also reads m:ss'),
  }),
])

const direction = z.union([
  column,
  z.strictObject({
    column,
    inbound: z.array(z.string().min(1)).default([]).describe('Words that mean inbound, any case'),
    outbound: z.array(z.string().min(1)).default([]).describe('Words that mean outbound, any case'),
  }),
  z.strictObject({ constant: z.enum(['inbound', 'outbound']) }),
])

const columns = z.strictObject({
  conversation_id: id.optional().describe('The chain the recording belongs to; default: the message_id'),
  message_id: id.describe('The recording: the key of its row within the connection'),
  created_at: instant.describe('When the recording or message began'),
  portfolio_id: text
    .optional()
    .describe('Travtus id of the community, when the dump has it; the portfolio map fills it otherwise'),
  message_text: text.optional().describe('Transcript or body'),
  first_name: text.optional().describe('First name of the sender'),
  last_name: text.optional().describe('Last name of the sender'),
  sender_ext_ref: text.optional().describe("Id of the sender in the client's system of record"),
  phone_number: text.optional().describe('The calling party'),
  email_address: text.optional().describe('Email address of the sender'),
  message_direction: direction.optional().describe('Words for inbound and outbound; any other is null, and counted'),
  number_dialed_by_user: text.optional().describe('The called party'),
  call_duration_in_sec: duration.optional().describe('Length of the call; rounded to whole seconds'),
  recording_url: text.optional().describe('A stable address; signed links are dropped, and counted'),
})

/** What the map reads from columns of the row: a key of that name would never be looked at, or be taken for it. */
const takenMapKeys = ['called_number', 'calling_number', 'own_number', 'portfolio_id']

const mapKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/)
  .refine((name) => !takenMapKeys.includes(name), `a name other than ${takenMapKeys.join(', ')}`)

/** Groups of a regular expression; null when it is none. An empty branch matches anything, so the match shows them all. */
const groupsOf = (pattern: string): number | null => {
  try {
    new RegExp(pattern)
    return (new RegExp(`${pattern}|`).exec('')?.length ?? 1) - 1
  } catch {
    return null
  }
}

const fileNamePattern = z
  .string()
  .refine((pattern) => groupsOf(pattern) !== null, 'is not a regular expression; allowed: such as ^calls_(\\d+)\\.csv')
  .refine((pattern) => groupsOf(pattern) !== 0, 'has no group; allowed: one with the version in its first (group)')
  .describe(
    'Regular expression on the file name; its first group is the version: a whole number, or an instant in `format`',
  )

const version = z.union([
  z.literal('mtime').describe('The time of the last change of the file'),
  z.literal('none').describe('No version: of two differing records the one loaded later wins'),
  z.strictObject({ column, format: instantFormat.optional(), zone: zone.optional() }),
  z.strictObject({
    file_name: fileNamePattern,
    format: format.optional(),
    zone: zone.optional(),
  }),
])

const csv = z.strictObject({
  delimiter: z
    .enum(['auto', ',', ';', 'tab', '|'])
    .default('auto')
    .describe('auto: the one that cuts the first lines into equally many cells'),
  header: z
    .union([z.literal(true), z.array(z.string().min(1)).min(1)])
    .default(true)
    .describe('true: the first line names the columns; a list: the file has no header, these are its columns'),
  ragged: z
    .enum(['reject', 'pad'])
    .default('reject')
    .describe(
      'Lines with too few or too many cells: reject them; or pad missing cells with null and drop empty extra ones',
    ),
})

/** Settings of a `files` connection, besides those every connection has. */
export const filesSettings = z
  .strictObject({
    paths: z.array(z.string().min(1)).min(1).describe('Files or glob patterns, relative to this configuration file'),
    outside_links: z
      .boolean()
      .default(false)
      .describe('Read links among the files that lead out of the folders named in paths, too'),
    format: z
      .enum(['auto', 'csv', 'jsonl', 'json'])
      .default('auto')
      .describe('auto: by name (.csv, .jsonl, .json, each also .gz)'),
    encoding: z
      .enum(['auto', 'utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])
      .default('auto')
      .describe('auto: by byte order mark, else UTF-8 when the bytes are, else Windows-1252'),
    csv: csv.prefault({}).describe('Dialect of CSV files'),
    records_at: z
      .string()
      .min(1)
      .optional()
      .describe('JSON: dotted path of the array of records in an envelope (data)'),
    shape: z
      .enum(['travtus', 'telnyx', 'dotdo'])
      .optional()
      .describe(
        'A kind of dump that needs no columns. travtus: rows with the 14 Travtus names; telnyx: recordings of the Telnyx API; dotdo: CallRecordings of .do, or events about them',
      ),
    columns: columns.optional().describe('How columns become the fields of a row'),
    map_keys: z.record(mapKey, column).default({}).describe('Further keys for the portfolio map: attribute -> column'),
    zone: zone.optional(),
    default_country: countryCode
      .optional()
      .describe(
        'ISO 3166 code (US) of phone numbers written without a country code; without it they are null, and counted',
      ),
    own_numbers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("shape: telnyx: the account's own phone numbers, which decide between inbound and outbound"),
    fields: dotdoFieldsSetting.optional(),
    placeholders: z.array(z.string()).optional().describe('Cells that mean null, exactly as written; blanks always do'),
    media: z.enum(['audio', 'chat', 'email', 'message']).default('audio').describe('What all records of the dump are'),
    version: version.default('mtime').describe('What decides which of two states of a record is the newer'),
  })
  .refine((settings) => (settings.shape === undefined) !== (settings.columns === undefined), {
    path: ['columns'],
    message: 'exactly one of shape and columns is needed: shape for dumps of a known kind, columns for any other',
  })
  .superRefine((settings, context) => {
    for (const { path, message } of shapeProblems(settings)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })

export type FilesSettings = z.output<typeof filesSettings>
