import { z } from 'zod'
import { duration } from '../domain/duration.ts'
import type { ExportSettings } from '../domain/export.ts'
import { travtusFields } from '../domain/recording-row.ts'
import { secret } from '../domain/secret.ts'

/** A part of a path or of an S3 key that means the same everywhere. */
const segment = z
  .string()
  .regex(
    /^(?![.\s])[^/\\<>:"|?*\p{Cc}]{1,100}(?<![.\s])$/u,
    String.raw`is not a name of a folder; allowed: up to 100 characters, none of / \ < > : " | ? *, no dot or blank at either end`,
  )

const fileName = z
  .string()
  .regex(
    /^(?![.\s])(?:[^/\\<>:"|?*\p{Cc}]|<from>|<to>|<export_id>){1,150}$/u,
    'is not a name of a file; allowed: a name without folder and extension, with <export_id>, <from> and <to> in it',
  )
  .refine(
    (name) => name.includes('<export_id>'),
    'has no <export_id>, so files would overwrite each other; allowed: with it',
  )

const policy = z.enum(['keep', 'hash', 'drop']).default('keep')

/** Columns that may hold personal data. The others are ids, times and words. */
const columns = z.strictObject({
  message_text: policy.describe('Transcript'),
  first_name: policy.describe('First name'),
  last_name: policy.describe('Last name'),
  sender_ext_ref: policy.describe('Id of the sender in your system of record'),
  phone_number: policy.describe('The calling party'),
  email_address: policy.describe('Email address'),
  number_dialed_by_user: policy.describe('The called party'),
  recording_url: policy.describe('Address of the recording'),
})

const written = z.strictObject({
  folder: z.string().min(1).describe('Where files are written, relative to this file'),
  company_name: segment.describe('Your company as Travtus writes it in keys: companyName_companyId'),
  company_id: segment.describe('Its id at Travtus'),
  type_subtype: segment.describe(
    'The TYPE-SUBTYPE of call recordings, as Travtus has set it up for you. It has no default: files in another folder are accepted and never loaded',
  ),
  layout: z
    .enum(['s3', 'sftp'])
    .default('s3')
    .describe(
      's3: files lie in companyName_companyId/TYPE-SUBTYPE. sftp: in TYPE-SUBTYPE, as the home there is your own',
    ),
  file_name: fileName
    .default('call_recordings_<from>_<to>_<export_id>')
    .describe('Name of a file, without extension; agreed with Travtus'),
  format: z.enum(['csv', 'json', 'json.gz']).default('csv').describe('csv is what every route of Travtus takes'),
  delimiter: z
    .enum([',', ';', '|', 'tab'])
    .default(',')
    .describe('Between the cells of a CSV file, as in the mapping at Travtus'),
  direction: z.enum(['lower', 'title']).default('lower').describe('inbound and outbound, or Inbound and Outbound'),
  require: z
    .array(z.enum(travtusFields))
    .default(['portfolio_id'])
    .describe('Fields without which a row is withheld, and counted; it goes out when it has them'),
  default_portfolio_id: z
    .string()
    .regex(
      /^(?!(?:none|null|n\/a|na|-)$)[^\s\p{Cc}]{1,100}$/iu,
      'is not an id; allowed: up to 100 characters without blanks, and no word for nothing',
    )
    .optional()
    .describe('Travtus id that is written for rows without a portfolio. Default: none'),
  settling_delay: duration.prefault('5m').describe('How long a row must have stayed as it is before it is sent'),
  rows_per_file: z
    .int()
    .min(1)
    .max(100_000)
    .default(50_000)
    .describe('The most rows of a file; more rows make more files'),
  prefix_message_id: z
    .boolean()
    .default(false)
    .describe('Write connection:message_id, where two connections have equal ids'),
  formula_cells: z
    .enum(['keep', 'strip'])
    .default('keep')
    .describe(
      'Of texts that begin like a formula (=, +, -, @): keep, or strip those signs. Numbers in E.164 and ids stay',
    ),
  columns: columns
    .prefault({})
    .describe('Per column: keep, hash (a keyed digest in its place) or drop (always empty). It is there in any case'),
  hash_secret: secret().optional().describe('Key of the digests; needed for hash. With another key all digests change'),
})

const shortestSecret = 16

export interface ExportSection extends ExportSettings {
  /** As written. */
  readonly folder: string
}

type Written = z.output<typeof written>

const asSettings = (all: Written): ExportSection => ({
  folder: all.folder,
  keyPrefix: all.layout === 's3' ? `${all.company_name}_${all.company_id}/${all.type_subtype}` : all.type_subtype,
  fileName: all.file_name,
  format: all.format,
  delimiter: all.delimiter === 'tab' ? '\t' : all.delimiter,
  direction: all.direction,
  require: all.require,
  defaultPortfolioId: all.default_portfolio_id ?? null,
  settlingDelayMs: all.settling_delay,
  rowsPerFile: all.rows_per_file,
  prefixMessageId: all.prefix_message_id,
  formulaCells: all.formula_cells,
  columns: all.columns,
  hashSecret: all.hash_secret ?? null,
})

export const exportSettings = written
  .refine((all) => all.hash_secret !== undefined || !Object.values(all.columns).includes('hash'), {
    path: ['hash_secret'],
    message: 'is needed where a column is hashed',
  })
  .refine(({ hash_secret: key }) => key === undefined || key.reveal().length >= shortestSecret, {
    path: ['hash_secret'],
    message: `is too short: digests of phone numbers could be guessed; allowed: at least ${shortestSecret} characters`,
  })
  .transform(asSettings)
