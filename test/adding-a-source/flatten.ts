import { type Flattened, reject } from '../../src/domain/flattened.ts'
import type { EpochMicros } from '../../src/domain/instant.ts'
import type { RecordingRow } from '../../src/domain/recording-row.ts'
import type { FlattenContext } from '../../src/sources/source.ts'
import { compileDirectionReader } from '../../src/transform/direction.ts'
import { compileDurationReader } from '../../src/transform/duration.ts'
import { isJsonObject, type JsonObject } from '../../src/transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../src/transform/member.ts'
import { compilePhoneReader } from '../../src/transform/phone.ts'
import { changedAt, idOf, readInstant } from './stub.ts'

const readPhone = compilePhoneReader(null)

const began = compileTextMember('began')
const state = compileTextMember('state')
const call = compileTextMember('call')
const words = compileTextMember('words')
const givenName = compileTextMember('given_name')
const familyName = compileTextMember('family_name')
const caller = compileReadMember('caller', readPhone, null)
const called = compileReadMember('called', readPhone, null)
const way = compileReadMember('way', compileDirectionReader({ inbound: ['in'], outbound: ['out'] }), null)
const seconds = compileReadMember('seconds', compileDurationReader('s'), 'duration-unreadable')

interface Identified {
  readonly record: JsonObject
  readonly id: string
  readonly createdAt: EpochMicros
}

/** The only things that a row cannot be without. */
const identify = (record: JsonObject, notes: Notes): Identified | (Flattened & { readonly kind: 'reject' }) => {
  const id = idOf(record, notes) ?? null
  if (id === null) return reject(null, 'missing-id', 'id', 'no value in id')
  const text = began(record, notes)
  if (typeof text !== 'string') return reject(id, 'missing-created-at', 'began', 'no value in began')
  const createdAt = readInstant(text)
  if (createdAt.kind === 'invalid') return reject(id, createdAt.code, 'began', createdAt.detail)
  return { record, id, createdAt: createdAt.value }
}

const microsPerWeek = 7 * 86_400_000_000

/** Pure: what a recording becomes. */
export const compileHearsayFlatten = (baseUrl: URL): ((record: unknown, context: FlattenContext) => Flattened) => {
  const rowOf = (
    { record, id, createdAt }: Identified,
    isDone: boolean,
    ordinal: number,
    notes: Notes,
  ): RecordingRow => ({
    conversation_id: call(record, notes) ?? id,
    message_id: id,
    created_at: createdAt,
    portfolio_id: undefined,
    message_text: words(record, notes),
    first_name: givenName(record, notes),
    last_name: familyName(record, notes),
    sender_ext_ref: undefined,
    phone_number: caller(record, notes),
    email_address: undefined,
    message_direction: way(record, notes),
    number_dialed_by_user: called(record, notes),
    call_duration_in_sec: seconds(record, notes),
    recording_url: isDone ? `${baseUrl.href}/recordings/${encodeURIComponent(id)}` : null,
    media: 'audio',
    record_id: id,
    recording_status: isDone ? 'available' : 'processing',
    recording_expires_at: null,
    deleted_at: null,
    source_version: changedAt(record, notes) ?? null,
    source_ordinal: ordinal,
    map_keys: {},
  })
  return (record, { ordinal, final }) => {
    if (!isJsonObject(record)) return reject(null, 'not-an-object', null, 'a recording is one JSON object')
    const notes: Notes = []
    const found = identify(record, notes)
    if ('kind' in found) return found
    const isDone = state(record, notes) === 'done'
    if (isDone || final) return { kind: 'rows', rows: [rowOf(found, isDone, ordinal, notes)], notes }
    const giveUpAt = found.createdAt + microsPerWeek
    return { kind: 'pending', recordId: found.id, waiting: { reason: 'status-recording', notBefore: null, giveUpAt } }
  }
}
