import { type Flattened, type RejectReason, reject } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { RecordingRow } from '../../domain/recording-row.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextReader } from '../../transform/text.ts'
import type { FlattenContext } from '../source.ts'
import { compileColumnMapping, type Mapped, type MappedFields } from './column-mapping.ts'
import { compileDotdoShape } from './dotdo-shape.ts'
import { compileReadField, compileTextField, type Field, type Findings, noNotes, noteIn } from './field.ts'
import type { FilesSettings } from './settings.ts'
import { compileTelnyxShape } from './telnyx-shape.ts'
import { compileFileVersion, compileVersionReader } from './version.ts'

/** Pure: what a record of a dump becomes, one row or a reject with the first cell that cannot be read. */
export type Flatten = (record: unknown, context: FlattenContext) => Flattened

/** Undefined when no column states versions. */
type Version = Field<number | null> | undefined

/** A record whose own version is blank states none: the file's would make it newer than records that do. */
const compileVersion = (settings: FilesSettings): Version => {
  const { version } = settings
  if (typeof version !== 'object' || !('column' in version)) return undefined
  const text = compileTextField(version.column, compileTextReader(settings.placeholders))
  const reader = compileVersionReader({ format: version.format, zone: version.zone ?? settings.zone })
  const field = compileReadField(text, version.column, reader)
  return (record, findings) => field(record, findings) ?? null
}

/** A recording outside any chain is a chain of its own; counted where the dump has a column for the chain. */
const conversationOf = (mapped: Mapped<string>, messageId: string, record: JsonObject, findings: Findings): string => {
  const stated = mapped.field(record, findings)
  if (typeof stated === 'string') return stated
  if (mapped.path !== '') noteIn(findings, 'conversation-id-defaulted')
  return messageId
}

type MakeRow = (
  record: JsonObject,
  key: { readonly messageId: string; readonly createdAt: EpochMicros },
  context: FlattenContext,
  findings: Findings,
) => RecordingRow

const compileRow = (fields: MappedFields, media: RecordingRow['media'], version: Version): MakeRow => {
  return (record, { messageId, createdAt }, context, findings) => {
    const url = fields.recording_url(record, findings)
    return {
      conversation_id: conversationOf(fields.conversation_id, messageId, record, findings),
      message_id: messageId,
      created_at: createdAt,
      portfolio_id: fields.portfolio_id(record, findings),
      message_text: fields.message_text(record, findings),
      first_name: fields.first_name(record, findings),
      last_name: fields.last_name(record, findings),
      sender_ext_ref: fields.sender_ext_ref(record, findings),
      phone_number: fields.phone_number(record, findings),
      email_address: fields.email_address(record, findings),
      message_direction: fields.message_direction(record, findings),
      number_dialed_by_user: fields.number_dialed_by_user(record, findings),
      call_duration_in_sec: fields.call_duration_in_sec(record, findings),
      recording_url: url,
      media,
      record_id: messageId,
      recording_status: typeof url === 'string' ? 'available' : undefined,
      recording_expires_at: undefined,
      deleted_at: undefined,
      source_version: version === undefined ? context.version : version(record, findings),
      source_ordinal: context.ordinal,
      map_keys: fields.map_keys(record, findings),
    }
  }
}

const noFindings = (): Findings => ({ notes: noNotes, reason: null })

type Rejected = (record: JsonObject, recordId: string | null, reason: RejectReason) => Flattened

const compileReject = (version: Version): Rejected => {
  return (record, recordId, reason) => {
    const stated = version === undefined ? null : version(record, noFindings())
    return { kind: 'reject', recordId, reason, ...(stated === null ? {} : { version: stated }) }
  }
}

const missing = (code: string, path: string): RejectReason => ({ code, path, detail: `no value in ${path}` })

/** Of a missing key whose cell is there but cannot be read, the reason is the cell. */
const compileMapped = (settings: FilesSettings): Flatten => {
  const fields = compileColumnMapping(settings)
  const version = compileVersion(settings)
  const makeRow = compileRow(fields, settings.media, version)
  const rejected = compileReject(version)
  const { message_id, created_at } = fields
  return (record, context) => {
    if (!isJsonObject(record)) return reject(null, 'not-an-object', null, 'a record is one JSON object')
    const findings = noFindings()
    const messageId = message_id.field(record, findings) ?? null
    if (messageId === null) return rejected(record, null, findings.reason ?? missing('missing-id', message_id.path))
    const createdAt = created_at.field(record, findings) ?? null
    if (createdAt === null) {
      return rejected(record, messageId, findings.reason ?? missing('missing-created-at', created_at.path))
    }
    const row = makeRow(record, { messageId, createdAt }, context, findings)
    if (findings.reason !== null) return rejected(record, messageId, findings.reason)
    return { kind: 'rows', rows: [row], notes: findings.notes }
  }
}

/** Throws ConfigError for settings that cannot work: an unknown zone, a format without a year, a word for both directions. */
export const compileFlatten = (settings: FilesSettings): Flatten => {
  compileFileVersion(settings)
  if (settings.shape === 'telnyx') return compileTelnyxShape(settings)
  return settings.shape === 'dotdo' ? compileDotdoShape(settings) : compileMapped(settings)
}
