import { type Flattened, type RejectReason, reject, type Waiting } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { RecordingRow } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileTextMember, type Notes } from '../../transform/member.ts'
import { encodedId } from '../../transform/path-segment.ts'
import type { FlattenContext } from '../source.ts'
import { hasRecording, isRecordingOff, textOf } from './artifacts.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { type CallTimes, durationSeconds, idOf, statusOf, timesOf, updatedAtOf } from './fields.ts'
import { compileParties, type Parties, type PartySettings } from './parties.ts'

export interface VapiFlattenSettings extends PartySettings {
  readonly recordings: 'expected' | 'none'
  /** Microseconds. */
  readonly recording_delay: number
  readonly summary_as_text: boolean
  /** How long Vapi keeps a call, in microseconds. */
  readonly retention: number
}

/** A call whose key and times are read. */
interface Identified {
  readonly envelope: Envelope
  readonly id: string
  readonly times: CallTimes
  /** When it began. */
  readonly createdAt: EpochMicros
  /** When Vapi made it, for what is waited for. */
  readonly madeAt: EpochMicros
  readonly version: number | null
  readonly status: string | null
}

const noStart: RejectReason = {
  code: 'missing-created-at',
  path: 'startedAt',
  detail: 'no value in startedAt, nor in createdAt',
}

const identify = (envelope: Envelope, notes: Notes): Identified | (Flattened & { readonly kind: 'reject' }) => {
  const { call } = envelope
  const id = idOf(call, notes) ?? null
  const version = updatedAtOf(call, notes) ?? null
  const rejected = (reason: RejectReason) =>
    ({ kind: 'reject', recordId: id, reason, ...(version === null ? {} : { version }) }) as const
  if (id === null) return rejected({ code: 'missing-id', path: 'id', detail: 'no value in id' })
  const times = timesOf(call, notes)
  if ('code' in times) return rejected(times)
  const createdAt = times.startedAt ?? times.createdAt ?? null
  if (createdAt === null) return rejected(noStart)
  const status = statusOf(call, notes)?.toLowerCase() ?? null
  return { envelope, id, times, createdAt, madeAt: times.createdAt ?? createdAt, version, status }
}

/** `open`: it goes on, or has not begun; every status that is not known is taken for that. */
type Stage = 'open' | 'ended' | 'deleted'

const stageOf = ({ status, times }: Identified): Stage => {
  if (status === 'not-found' || status === 'deletion-failed') return 'deleted'
  return status === 'ended' || (status === null && typeof times.endedAt === 'number') ? 'ended' : 'open'
}

type Audio = Pick<RecordingRow, 'recording_url' | 'recording_status'>

/** It needs the key, and leads to a link that lives for minutes; what Vapi shows of its storage cannot be played. */
const stableAddress = (id: string): string => `https://api.vapi.ai/call/${encodedId(id)}/mono-recording`

/** A call that nobody answered, or that is not to be recorded, has none and never will. */
const isExpected = ({ envelope, times }: Identified, { recordings }: VapiFlattenSettings): boolean =>
  recordings === 'expected' && typeof times.startedAt === 'number' && !isRecordingOff(envelope.call)

const audioOf = (found: Identified, stage: Stage, settings: VapiFlattenSettings): Audio => {
  if (stage === 'deleted') return { recording_url: undefined, recording_status: 'deleted' }
  if (stage === 'open') return { recording_url: null, recording_status: 'processing' }
  if (hasRecording(found.envelope.call))
    return { recording_url: stableAddress(found.id), recording_status: 'available' }
  return { recording_url: null, recording_status: isExpected(found, settings) ? 'failed' : null }
}

const day = 24 * 3_600_000_000
const statusGiveUp = 7 * day

const waitsFor = (found: Identified, stage: Stage, settings: VapiFlattenSettings): Waiting | null => {
  const { status, times, madeAt, envelope } = found
  if (stage === 'open') {
    const word = (status ?? 'unknown').replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)
    return { reason: `status-${word}`, notBefore: null, giveUpAt: madeAt + statusGiveUp }
  }
  if (stage === 'deleted' || hasRecording(envelope.call) || !isExpected(found, settings)) return null
  const endedAt = times.endedAt ?? found.version ?? found.createdAt
  return { reason: 'no-recording', notBefore: null, giveUpAt: endedAt + settings.recording_delay }
}

/** A row without our number asks for it again, while Vapi surely has the call: one that it has forgotten is none that was deleted. */
const followUpOf = ({ envelope, madeAt }: Identified, { retention }: VapiFlattenSettings): Waiting | null =>
  envelope.own_number_due
    ? { reason: 'own-number-missing', notBefore: null, giveUpAt: madeAt + Math.min(statusGiveUp, retention - day) }
    : null

/** What the portfolio map may match besides the numbers of a row. */
const mapKeys = {
  vapi_phone_number_id: compileTextMember('phoneNumberId'),
  vapi_assistant_id: compileTextMember('assistantId'),
  vapi_squad_id: compileTextMember('squadId'),
  vapi_campaign_id: compileTextMember('campaignId'),
} as const

const mapKeysOf = (call: JsonObject, notes: Notes): RecordingRow['map_keys'] =>
  Object.fromEntries(Object.entries(mapKeys).map(([name, member]) => [name, member(call, notes)]))

const makeRow = (
  found: Identified,
  made: { readonly parties: Parties; readonly audio: Audio; readonly text: RecordingRow['message_text'] },
  isDeleted: boolean,
  context: FlattenContext,
  notes: Notes,
): RecordingRow => ({
  conversation_id: found.id,
  message_id: found.id,
  created_at: found.createdAt,
  portfolio_id: undefined,
  message_text: made.text,
  ...made.parties,
  call_duration_in_sec: durationSeconds(found.times, notes),
  ...made.audio,
  media: 'audio',
  record_id: found.id,
  recording_expires_at: undefined,
  deleted_at: isDeleted ? (found.version ?? found.madeAt) : null,
  source_version: found.version ?? context.version,
  source_ordinal: context.ordinal,
  map_keys: mapKeysOf(found.envelope.call, notes),
})

/** Pure: what a call becomes, as it was read with what was joined to it. Throws ConfigError for an unknown country. */
export const compileVapiFlatten = (
  settings: VapiFlattenSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const partiesOf = compileParties(settings)
  return (record, context) => {
    const envelope = readEnvelope(record)
    if (envelope === null) return reject(null, 'not-an-object', null, 'a record is one JSON object')
    const notes: Notes = []
    const found = identify(envelope, notes)
    if ('kind' in found) return found
    const stage = stageOf(found)
    const waiting = waitsFor(found, stage, settings)
    if (waiting !== null && !context.final) return { kind: 'pending', recordId: found.id, waiting }
    const parties = partiesOf(envelope, notes)
    const text = textOf(envelope.call, settings.summary_as_text, notes)
    const audio = audioOf(found, stage, settings)
    const row = makeRow(found, { parties, audio, text }, stage === 'deleted', context, notes)
    const followUp = context.final ? null : followUpOf(found, settings)
    return { kind: 'rows', rows: [row], notes, ...(followUp === null ? {} : { followUp }) }
  }
}
