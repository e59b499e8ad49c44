import type { EpochMicros } from '../../domain/instant.ts'
import { createTimeIndex, type TimeIndex } from '../time-index.ts'
import { type GeneratedKey, generatedRecording } from './generated-recording.ts'
import type { TelnyxCallEvent, TelnyxRecording, TelnyxTranscription } from './resources.ts'

/** A generated recording is kept as its key until it is changed, so that hundreds of thousands are light. */
export interface StoredRecording {
  readonly id: string
  /** `created_at` as the filters compare it, whatever the answer shows. */
  readonly at: EpochMicros
  readonly content: GeneratedKey | TelnyxRecording
}

export interface StoredTranscription {
  readonly id: string
  readonly at: EpochMicros
  readonly content: TelnyxTranscription
}

export interface StoredCallEvent {
  readonly at: EpochMicros
  readonly content: TelnyxCallEvent
}

/** What the account holds: the endpoints read it, TelnyxAccount changes it. */
export interface AccountState {
  readonly seed: number
  readonly now: () => EpochMicros
  readonly recordings: TimeIndex<StoredRecording>
  readonly recordingsById: Map<string, StoredRecording>
  readonly transcriptions: TimeIndex<StoredTranscription>
  readonly transcriptionsById: Map<string, StoredTranscription>
  readonly callEvents: TimeIndex<StoredCallEvent>
  /** Given to recordings; never given twice. */
  nextOrdinal: number
}

export const createAccountState = (seed: number, now: () => EpochMicros): AccountState => ({
  seed,
  now,
  recordings: createTimeIndex(),
  recordingsById: new Map(),
  transcriptions: createTimeIndex(),
  transcriptionsById: new Map(),
  callEvents: createTimeIndex(),
  nextOrdinal: 0,
})

export const recordingOf = (state: AccountState, { content }: StoredRecording): TelnyxRecording =>
  'ordinal' in content ? generatedRecording(state.seed, content) : content
