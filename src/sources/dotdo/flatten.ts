import { type Flattened, type RejectReason, reject } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Direction, RecordingRow, Stated } from '../../domain/recording-row.ts'
import { compileDirectionReader } from '../../transform/direction.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, type Notes } from '../../transform/member.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import { stableUrl } from '../../transform/signed-link.ts'
import type { FlattenContext } from '../source.ts'
import { readTold, type Told } from './events.ts'
import {
  autoDeleteAt,
  beganAt,
  compileReference,
  durationSeconds,
  expiryOf,
  idOf,
  isReason,
  secureUrlOf,
  statusOf,
  versionOf,
} from './fields.ts'
import type { DotdoFields } from './fields-setting.ts'
import { compilePathReader, compilePathText } from './path.ts'
import { type Status, statusIn, versionIn } from './status.ts'

export interface DotdoFlattenSettings {
  readonly fields: DotdoFields
  readonly default_country?: string | undefined
}

/** A recording whose key and times are read. */
interface Identified {
  readonly told: Told
  readonly id: string
  readonly createdAt: EpochMicros
  readonly version: EpochMicros | null
}

const noStart: RejectReason = {
  code: 'missing-created-at',
  path: 'startTime',
  detail: 'no value in startTime, nor in created',
}

const identify = (told: Told, notes: Notes): Identified | (Flattened & { readonly kind: 'reject' }) => {
  const { record } = told
  const id = idOf(record, notes) ?? null
  const version = versionIn(told, notes)
  const rejected = (reason: RejectReason) =>
    ({ kind: 'reject', recordId: id, reason, ...(version === null ? {} : { version }) }) as const
  if (id === null) return rejected({ code: 'missing-id', path: 'id', detail: 'no value in id' })
  const createdAt = beganAt(record, notes)
  if (isReason(createdAt)) return rejected(createdAt)
  return createdAt === null ? rejected(noStart) : { told, id, createdAt, version }
}

/** When it was deleted: it says so, or the time for it had come when it was read (`ordinal` of the context). */
const deletedAt = ({ told, createdAt }: Identified, status: Status, readAt: number): EpochMicros | null => {
  const due = autoDeleteAt(told.record, []) ?? null
  if (status === 'deleted') return told.at ?? versionOf(told.record, []) ?? createdAt
  return due !== null && due <= readAt ? due : null
}

const urlOf = compileReadMember('url', stableUrl, null)

type Audio = Pick<RecordingRow, 'recording_url' | 'recording_status' | 'recording_expires_at' | 'deleted_at'>

const words = { processing: 'processing', completed: 'available', failed: 'failed', expired: 'deleted' } as const

const audioOf = (found: Identified, status: Status, readAt: number, notes: Notes): Audio => {
  const { record } = found.told
  const expires = expiryOf(record, notes)
  const deleted_at = deletedAt(found, status, readAt)
  if (deleted_at !== null || status === 'deleted')
    return { recording_url: undefined, recording_status: 'deleted', recording_expires_at: expires, deleted_at }
  const expired = status === 'expired' ? (expires ?? found.told.at ?? undefined) : expires
  const audio = { recording_status: words[status], recording_expires_at: expired, deleted_at }
  if (status !== 'completed') return { ...audio, recording_url: null }
  const url = urlOf(record, notes)
  const isHidden = url === undefined && typeof secureUrlOf(record, []) === 'string'
  if (isHidden && !notes.includes('signed-link-dropped')) notes.push('signed-link-dropped')
  return { ...audio, recording_url: url }
}

const callOf = compileReference('call')
const phoneNumberOf = compileReference('phoneNumber')
const assistantOf = compileReference('assistant')

const conversationOf = (record: JsonObject, id: string, notes: Notes): string => {
  const call = callOf(record, notes).id
  if (typeof call === 'string') return call
  notes.push('conversation-id-defaulted')
  return id
}

type Parties = Pick<RecordingRow, 'phone_number' | 'number_dialed_by_user' | 'message_direction'>

const compileParties = ({ fields, default_country }: DotdoFlattenSettings) => {
  const readPhone = compilePhoneReader(default_country ?? null)
  const directionAt = compilePathReader(fields.message_direction, compileDirectionReader({ inbound: [], outbound: [] }))
  const customerAt = compilePathReader(fields.customer_number, readPhone)
  const numberOf = compileReadMember('phoneNumber', readPhone, null)
  /** A reference that was not expanded names an id, unless it is a number itself. */
  const ours = (record: JsonObject, notes: Notes): Stated<string> => {
    const { id, expanded } = phoneNumberOf(record, notes)
    if (expanded !== null) return numberOf(expanded, notes)
    return typeof id === 'string' && id.startsWith('+') ? numberOf({ phoneNumber: id }, notes) : undefined
  }
  return (record: JsonObject, notes: Notes): Parties => {
    const direction: Stated<Direction> = directionAt(record, notes)
    if (direction === null || direction === undefined)
      return { message_direction: direction, phone_number: direction, number_dialed_by_user: direction }
    const [own, customer] = [ours(record, notes), customerAt(record, notes)]
    return direction === 'inbound'
      ? { message_direction: direction, phone_number: customer, number_dialed_by_user: own }
      : { message_direction: direction, phone_number: own, number_dialed_by_user: customer }
  }
}

type Texts = Pick<RecordingRow, 'message_text' | 'first_name' | 'last_name' | 'sender_ext_ref' | 'email_address'>

const compileTexts = ({ fields }: DotdoFlattenSettings) => {
  const at = (path: string | undefined) => (path === undefined ? () => undefined : compilePathText(path))
  const text = at(fields.message_text)
  const first = at(fields.first_name)
  const last = at(fields.last_name)
  const reference = at(fields.sender_ext_ref)
  const email = at(fields.email_address)
  return (record: JsonObject, notes: Notes): Texts => ({
    message_text: text(record, notes),
    first_name: first(record, notes),
    last_name: last(record, notes),
    sender_ext_ref: reference(record, notes),
    email_address: email(record, notes),
  })
}

const day = 86_400_000_000

/** A recording that is being made is waited for, for a week after it was. */
const waitingFor = ({ id, createdAt, told }: Identified): Flattened => {
  const word = (statusOf(told.record, []) ?? 'processing')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  return {
    kind: 'pending',
    recordId: id,
    waiting: { reason: `status-${word}`, notBefore: null, giveUpAt: createdAt + 7 * day },
  }
}

/** Pure: what a CallRecording becomes, or an event about one. Throws ConfigError for an unknown country. */
export const compileDotdoFlatten = (
  settings: DotdoFlattenSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const partiesOf = compileParties(settings)
  const textsOf = compileTexts(settings)
  const rowOf = (found: Identified, status: Status, context: FlattenContext, notes: Notes): RecordingRow => {
    const { record } = found.told
    return {
      conversation_id: conversationOf(record, found.id, notes),
      message_id: found.id,
      created_at: found.createdAt,
      portfolio_id: undefined,
      ...textsOf(record, notes),
      ...partiesOf(record, notes),
      call_duration_in_sec: durationSeconds(record, notes),
      ...audioOf(found, status, context.ordinal, notes),
      media: 'audio',
      record_id: found.id,
      source_version: found.version ?? context.version,
      source_ordinal: context.ordinal,
      map_keys: {
        dotdo_phone_number_id: phoneNumberOf(record, notes).id,
        dotdo_assistant_id: assistantOf(record, notes).id,
      },
    }
  }
  return (record, context) => {
    if (!isJsonObject(record)) return reject(null, 'not-an-object', null, 'a record is one JSON object')
    const notes: Notes = []
    const told = readTold(record, notes)
    if (told === null) return { kind: 'skip', code: 'foreign-event' }
    if (told.effect === 'none') return { kind: 'skip', code: 'event-without-effect' }
    const found = identify(told, notes)
    if ('kind' in found) return found
    const status = statusIn(told, notes)
    if (status === 'processing' && !context.final) return waitingFor(found)
    return { kind: 'rows', rows: [rowOf(found, status, context, notes)], notes }
  }
}
