import { ConfigError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Direction, MapKeys, Stated } from '../../domain/recording-row.ts'
import { compileDirectionReader } from '../../transform/direction.ts'
import { compileDurationReader } from '../../transform/duration.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import { stableUrl } from '../../transform/signed-link.ts'
import { compileTextReader } from '../../transform/text.ts'
import { compileReadField, compileTextField, type Field } from './field.ts'
import { compileHashField } from './id-field.ts'
import type { FilesSettings } from './settings.ts'
import { travtusColumns } from './travtus-shape.ts'

type Columns = NonNullable<FilesSettings['columns']>
type ReadText = (cell: string) => string | null
type TextSetting = Columns['message_id'] | undefined

/** One field with the column it comes from, for details; empty when it comes from none. */
export interface Mapped<T> {
  readonly field: Field<Stated<T>>
  readonly path: string
}

export interface MappedFields {
  readonly conversation_id: Mapped<string>
  readonly message_id: Mapped<string>
  readonly created_at: Mapped<EpochMicros>
  readonly portfolio_id: Field<Stated<string>>
  readonly message_text: Field<Stated<string>>
  readonly first_name: Field<Stated<string>>
  readonly last_name: Field<Stated<string>>
  readonly sender_ext_ref: Field<Stated<string>>
  readonly phone_number: Field<Stated<string>>
  readonly email_address: Field<Stated<string>>
  readonly message_direction: Field<Stated<Direction>>
  readonly number_dialed_by_user: Field<Stated<string>>
  readonly call_duration_in_sec: Field<Stated<number>>
  readonly recording_url: Field<Stated<string>>
  readonly map_keys: Field<MapKeys>
}

const unmapped: Field<undefined> = () => undefined

const compileId = (setting: TextSetting, readText: ReadText): Mapped<string> => {
  if (setting === undefined) return { field: unmapped, path: '' }
  if (typeof setting === 'string') return { field: compileTextField(setting, readText), path: setting }
  if ('column' in setting) return { field: compileTextField(setting.column, readText), path: setting.column }
  if ('hash' in setting) return { field: compileHashField(setting.hash, readText), path: setting.hash.join(' + ') }
  const { constant } = setting
  return { field: () => constant, path: '' }
}

const compileText = (setting: TextSetting, readText: ReadText): Field<Stated<string>> =>
  compileId(setting, readText).field

/** Date and time in columns of their own are one text with a blank between; a row that lacks one of them has neither. */
const joined = (columns: readonly string[], readText: ReadText): Field<Stated<string>> => {
  const fields = columns.map((column) => compileTextField(column, readText))
  return (record, findings) => {
    const parts = fields.map((field) => field(record, findings))
    return parts.every((part) => typeof part === 'string') ? parts.join(' ') : null
  }
}

const compileCreatedAt = (
  setting: Columns['created_at'],
  settings: FilesSettings,
  readText: ReadText,
): Mapped<EpochMicros> => {
  const { column, format, zone } = typeof setting === 'string' ? { column: setting } : setting
  const path = typeof column === 'string' ? column : column.join(' + ')
  const text = typeof column === 'string' ? compileTextField(column, readText) : joined(column, readText)
  const reader = compileInstantReader({ format, zone: zone ?? settings.zone })
  return { field: compileReadField(text, path, reader), path }
}

const compileDirection = (setting: Columns['message_direction'], readText: ReadText): Field<Stated<Direction>> => {
  if (setting === undefined) return unmapped
  if (typeof setting === 'object' && 'constant' in setting) return () => setting.constant
  const { column, inbound, outbound } =
    typeof setting === 'string' ? { column: setting, inbound: [], outbound: [] } : setting
  return compileReadField(compileTextField(column, readText), column, compileDirectionReader({ inbound, outbound }))
}

const compileDuration = (setting: Columns['call_duration_in_sec'], readText: ReadText): Field<Stated<number>> => {
  if (setting === undefined) return unmapped
  const { column, unit } = typeof setting === 'string' ? { column: setting, unit: 's' as const } : setting
  return compileReadField(compileTextField(column, readText), column, compileDurationReader(unit))
}

const noKeys: MapKeys = {}

export const compileMapKeys = (columns: FilesSettings['map_keys'], readText: ReadText): Field<MapKeys> => {
  const keys = Object.entries(columns).map(([key, column]) => [key, compileTextField(column, readText)] as const)
  if (keys.length === 0) return () => noKeys
  return (record, findings) => Object.fromEntries(keys.map(([key, field]) => [key, field(record, findings)]))
}

/** Throws ConfigError for a mapping that cannot work. */
export const compileColumnMapping = (settings: FilesSettings): MappedFields => {
  const columns = settings.columns ?? travtusColumns
  if (typeof columns.message_id === 'object' && 'constant' in columns.message_id) {
    throw new ConfigError([
      'columns.message_id: a constant would make every record the same row; name a column or a hash',
    ])
  }
  const readText = compileTextReader(settings.placeholders)
  const readPhone = compilePhoneReader(settings.default_country ?? null)
  const text = (setting: TextSetting) => compileText(setting, readText)
  return {
    conversation_id: compileId(columns.conversation_id, readText),
    message_id: compileId(columns.message_id, readText),
    created_at: compileCreatedAt(columns.created_at, settings, readText),
    portfolio_id: text(columns.portfolio_id),
    message_text: text(columns.message_text),
    first_name: text(columns.first_name),
    last_name: text(columns.last_name),
    sender_ext_ref: text(columns.sender_ext_ref),
    phone_number: compileReadField(text(columns.phone_number), 'phone_number', readPhone),
    email_address: text(columns.email_address),
    message_direction: compileDirection(columns.message_direction, readText),
    number_dialed_by_user: compileReadField(text(columns.number_dialed_by_user), 'number_dialed_by_user', readPhone),
    call_duration_in_sec: compileDuration(columns.call_duration_in_sec, readText),
    recording_url: compileReadField(text(columns.recording_url), 'recording_url', stableUrl),
    map_keys: compileMapKeys(settings.map_keys, readText),
  }
}
