import { type Flattened, type RejectReason, reject } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { latest } from '../../domain/latest.ts'
import type { RecordingRow } from '../../domain/recording-row.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Notes } from '../../transform/member.ts'
import { encodedId } from '../../transform/path-segment.ts'
import type { FlattenContext } from '../source.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import {
  compileUpdatedAt,
  conversationOf,
  durationSeconds,
  idOf,
  recordTypeOf,
  statusOf,
  vendorConnectionId,
} from './fields.ts'
import { compileParties, type Parties, type PartySettings } from './parties.ts'
import { compileTimes, type RecordingTimes } from './times.ts'
import { newestVersion, transcriptText } from './transcripts.ts'
import { rowWaitsFor, waitForStatus } from './waiting.ts'

export interface TelnyxFlattenSettings extends PartySettings {
  /** IANA zone of instants that name none. Telnyx always names one; without it they are rejected. */
  readonly zone?: string | undefined
}

/** A recording whose key and times are read. */
interface Identified {
  readonly envelope: Envelope
  readonly id: string
  readonly times: RecordingTimes
  /** When it began. */
  readonly createdAt: EpochMicros
  readonly version: number | null
  readonly status: string
}

/** Readers of a recording's times, with the zone of those that name none. */
interface TimeReaders {
  readonly timesOf: ReturnType<typeof compileTimes>
  readonly updatedAt: ReturnType<typeof compileUpdatedAt>
}

/** A dump may hold other resources of the account; their ids are none of recordings. */
const foreignType = (recording: JsonObject): RejectReason | null => {
  const type = recordTypeOf(recording, []) ?? 'recording'
  if (type === 'recording') return null
  return { code: 'unexpected-record-type', path: 'record_type', detail: 'is no recording; only those become rows' }
}

const noStart: RejectReason = {
  code: 'missing-created-at',
  path: 'recording_started_at',
  detail: 'no value in recording_started_at, nor in created_at',
}

const isReason = (times: RecordingTimes | RejectReason): times is RejectReason => 'code' in times

const identify = (
  envelope: Envelope,
  { timesOf, updatedAt }: TimeReaders,
  notes: Notes,
): Identified | (Flattened & { readonly kind: 'reject' }) => {
  const { recording, transcripts } = envelope
  const id = idOf(recording, notes) ?? null
  // A new transcript need not touch the recording.
  const version = latest(updatedAt(recording, notes) ?? null, newestVersion(transcripts ?? []))
  const rejected = (reason: RejectReason) =>
    ({ kind: 'reject', recordId: id, reason, ...(version === null ? {} : { version }) }) as const
  const foreign = foreignType(recording)
  if (foreign !== null) return { ...rejected(foreign), recordId: null }
  if (id === null) return rejected({ code: 'missing-id', path: 'id', detail: 'no value in id' })
  const times = timesOf(recording, notes)
  if (isReason(times)) return rejected(times)
  const createdAt = times.startedAt ?? times.createdAt ?? null
  if (createdAt === null) return rejected(noStart)
  const status = (statusOf(recording, notes) ?? 'completed').toLowerCase()
  return { envelope, id, times, createdAt, version, status }
}

/** A row's address of the audio: one that stays, whatever base URL the recording was read from. */
const stableAddress = (id: string): string => `https://api.telnyx.com/v2/recordings/${encodedId(id)}`

const makeRow = (found: Identified, parties: Parties, context: FlattenContext, notes: Notes): RecordingRow => {
  const { recording, transcripts } = found.envelope
  const isCompleted = found.status === 'completed'
  return {
    conversation_id: conversationOf(recording, found.id, notes),
    message_id: found.id,
    created_at: found.createdAt,
    portfolio_id: undefined,
    message_text: transcripts === undefined ? undefined : transcriptText(transcripts, notes),
    first_name: undefined,
    last_name: undefined,
    sender_ext_ref: undefined,
    phone_number: parties.from,
    email_address: undefined,
    message_direction: parties.direction,
    number_dialed_by_user: parties.to,
    call_duration_in_sec: durationSeconds(recording, found.times, notes),
    recording_url: isCompleted ? stableAddress(found.id) : null,
    media: 'audio',
    record_id: found.id,
    recording_status: isCompleted ? 'available' : 'processing',
    recording_expires_at: undefined,
    deleted_at: null,
    source_version: found.version ?? context.version,
    source_ordinal: context.ordinal,
    map_keys: { telnyx_connection_id: vendorConnectionId(recording, notes) },
  }
}

/**
 * Pure: what a recording becomes, as it was read from the API with what was joined to it, or out of a dump. Throws
 * ConfigError for an unknown country or zone.
 */
export const compileTelnyxFlatten = (
  settings: TelnyxFlattenSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const readInstant = compileInstantReader({ zone: settings.zone })
  const readers = { timesOf: compileTimes(readInstant), updatedAt: compileUpdatedAt(readInstant) }
  const partiesOf = compileParties(settings)
  return (record, context) => {
    const envelope = readEnvelope(record)
    if (envelope === null) return reject(null, 'not-an-object', null, 'a record is one JSON object')
    const notes: Notes = []
    const found = identify(envelope, readers, notes)
    if ('kind' in found) return found
    const resourceCreatedAt = found.times.createdAt ?? found.createdAt
    if (found.status !== 'completed' && !context.final) {
      return { kind: 'pending', recordId: found.id, waiting: waitForStatus(found.status, resourceCreatedAt) }
    }
    const parties = partiesOf(envelope, notes)
    const row = makeRow(found, parties, context, notes)
    const asksCallEvents = settings.call_events && parties.isOpen
    const waiting = context.final ? null : rowWaitsFor(envelope, resourceCreatedAt, asksCallEvents)
    return { kind: 'rows', rows: [row], notes, ...(waiting === null ? {} : { followUp: waiting }) }
  }
}
