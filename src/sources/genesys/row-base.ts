import type { EpochMicros } from '../../domain/instant.ts'
import type { MapKeys, RecordingRow } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Notes } from '../../transform/member.ts'
import type { FlattenContext } from '../source.ts'
import { divisionsOf, queueOf } from './conversation.ts'
import type { Envelope } from './envelope.ts'
import { deleteDateOf, deletedAt, statusOf } from './recording.ts'
import type { GenesysSettings } from './settings.ts'

export type RowSettings = Pick<
  GenesysSettings,
  'region' | 'media' | 'person' | 'external_source' | 'notices' | 'system_messages' | 'email_subject'
>

/** A conversation whose key and time are read. */
export interface Identified {
  readonly envelope: Envelope
  readonly id: string
  readonly startedAt: EpochMicros
}

export const provenance = (
  { id }: Identified,
  recording: JsonObject,
  context: FlattenContext,
  notes: Notes,
): Pick<
  RecordingRow,
  | 'conversation_id'
  | 'portfolio_id'
  | 'record_id'
  | 'recording_status'
  | 'recording_expires_at'
  | 'deleted_at'
  | 'source_version'
  | 'source_ordinal'
> => ({
  conversation_id: id,
  portfolio_id: undefined,
  record_id: id,
  recording_status: statusOf(recording, notes),
  recording_expires_at: deleteDateOf(recording, notes),
  deleted_at: deletedAt(recording, context.ordinal, notes),
  source_version: context.version,
  source_ordinal: context.ordinal,
})

export const mapKeysOf = ({ envelope: { conversation } }: Identified): MapKeys => ({
  queue_id: queueOf(conversation),
  division_id: divisionsOf(conversation)[0],
})
