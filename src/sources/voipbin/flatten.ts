import { type Flattened, type RejectReason, reject } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { RecordingRow, RecordingStatus, Stated } from '../../domain/recording-row.ts'
import type { Notes } from '../../transform/member.ts'
import { encodedId } from '../../transform/path-segment.ts'
import type { FlattenContext } from '../source.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import {
  customerId,
  durationSeconds,
  idOf,
  isEnded,
  referenceId,
  referenceType,
  statusOf,
  versionOf,
  week,
} from './fields.ts'
import { type NameSettings, type Names, readNames } from './names.ts'
import { type Parties, type PartySettings, readParties } from './parties.ts'
import { createdAt, deletedAt, isInvalid, knownTime, startedAt, type Time, updatedAt } from './times.ts'
import { transcriptText } from './transcript-text.ts'
import { rowWaitsFor, waitForStatus } from './waiting.ts'

export type VoipbinFlattenSettings = PartySettings & NameSettings

/** A recording whose key and times are read. */
interface Identified {
  readonly envelope: Envelope
  readonly id: string
  /** When it began. */
  readonly createdAt: EpochMicros
}

const unreadable = (path: string, time: Time): RejectReason | null =>
  isInvalid(time) ? { code: time.code, path, detail: time.detail } : null

const noStart: RejectReason = {
  code: 'missing-created-at',
  path: 'tm_start',
  detail: 'no value in tm_start, nor in tm_create',
}

/** A time that says when it began must be readable: nothing else stands in for it. */
const identify = (envelope: Envelope): Identified | (Flattened & { readonly kind: 'reject' }) => {
  const { recording } = envelope
  const id = idOf(recording, []) ?? null
  const version = versionOf(recording)
  const rejected = (reason: RejectReason) =>
    ({ kind: 'reject', recordId: id, reason, ...(version === null ? {} : { version }) }) as const
  if (id === null) return rejected({ code: 'missing-id', path: 'id', detail: 'no value in id' })
  const [started, created] = [startedAt(recording), createdAt(recording)]
  const begun = knownTime(started) ?? knownTime(created)
  const broken = unreadable('tm_start', started) ?? (begun === null ? unreadable('tm_create', created) : null)
  if (broken !== null) return rejected(broken)
  return begun === null ? rejected(noStart) : { envelope, id, createdAt: begun }
}

/** A record may be read before any of its times is written: there is nothing wrong with it. */
const hasJustBegun = (
  envelope: Envelope,
  { code }: RejectReason,
  { ordinal, final }: FlattenContext,
): Flattened | null => {
  const id = idOf(envelope.recording, [])
  if (final || code !== noStart.code || isEnded(envelope.recording) || typeof id !== 'string') return null
  // It does not say since when it waits: what it is ordered by is when it was read.
  return { kind: 'pending', recordId: id, waiting: { ...waitForStatus(envelope), giveUpAt: ordinal + week } }
}

/** A row's address of the audio: one that stays, whatever base URL the recording was read from. */
const stableAddress = (id: string): string => `https://api.voipbin.net/v1.0/recordingfiles/${encodedId(id)}`

const knownStatuses = ['initiating', 'recording', 'stopping', 'ended']

const recordingStatus = ({ envelope: { recording } }: Identified, notes: Notes): RecordingStatus => {
  if (!knownStatuses.includes(statusOf(recording))) notes.push('status-unknown')
  if (knownTime(deletedAt(recording)) !== null) return 'deleted'
  return isEnded(recording) ? 'available' : 'processing'
}

const conversationOf = ({ envelope: { recording }, id }: Identified, notes: Notes): string => {
  if (!['call', 'confbridge'].includes(referenceType(recording))) notes.push('reference-type-unknown')
  const stated = referenceId(recording)
  if (stated === null) notes.push('conversation-id-defaulted')
  return stated ?? id
}

const textOf = ({ envelope, createdAt }: Identified, notes: Notes): Stated<string> => {
  const { transcribes, transcript } = envelope
  if (transcript != null) return transcriptText(transcript.lines, createdAt, notes)
  return transcribes?.length === 0 ? null : undefined
}

const makeRow = (
  found: Identified,
  { from, to, direction }: Parties,
  names: Names,
  { ordinal, version }: FlattenContext,
  notes: Notes,
): RecordingRow => {
  const { recording } = found.envelope
  if (isInvalid(updatedAt(recording))) notes.push('version-unreadable')
  const status = recordingStatus(found, notes)
  return {
    conversation_id: conversationOf(found, notes),
    message_id: found.id,
    created_at: found.createdAt,
    portfolio_id: undefined,
    message_text: textOf(found, notes),
    first_name: names.first,
    last_name: names.last,
    sender_ext_ref: names.externalId,
    phone_number: from?.phone,
    email_address: names.email,
    message_direction: direction,
    number_dialed_by_user: to?.phone,
    call_duration_in_sec: durationSeconds(recording, notes),
    recording_url: status === 'available' ? stableAddress(found.id) : null,
    media: 'audio',
    record_id: found.id,
    recording_status: status,
    recording_expires_at: undefined,
    deleted_at: knownTime(deletedAt(recording)),
    source_version: versionOf(recording) ?? version,
    source_ordinal: ordinal,
    map_keys: { voipbin_customer_id: customerId(recording, notes) },
  }
}

/** Pure: what a recording becomes, as it was read with what was joined to it. */
export const compileVoipbinFlatten = (
  settings: VoipbinFlattenSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  return (record, context) => {
    const envelope = readEnvelope(record)
    if (envelope === null) return reject(null, 'not-an-object', null, 'a record is one JSON object')
    const { recording } = envelope
    const found = identify(envelope)
    if ('kind' in found) return hasJustBegun(envelope, found.reason, context) ?? found
    const isDeleted = knownTime(deletedAt(recording)) !== null
    if (!isEnded(recording) && !isDeleted && !context.final)
      return { kind: 'pending', recordId: found.id, waiting: waitForStatus(envelope) }
    const notes: Notes = []
    const parties = readParties(envelope, settings, notes)
    const names = readNames(envelope, parties, settings, notes)
    const row = makeRow(found, parties, names, context, notes)
    const waiting = context.final || isDeleted ? null : rowWaitsFor(envelope)
    return { kind: 'rows', rows: [row], notes, ...(waiting === null ? {} : { followUp: waiting }) }
  }
}
