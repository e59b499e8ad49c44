import type { EpochMicros } from '../../domain/instant.ts'

/** Null: unset, written as the dialect does. Text: written as it stands. */
export type Time = EpochMicros | null | string

/** How VoIPBIN writes the id of nothing. */
export const nilId = '00000000-0000-0000-0000-000000000000'

export interface VoipbinRecording {
  readonly id: string
  readonly customer_id: string
  readonly owner_type: string
  readonly owner_id: string
  readonly activeflow_id: string
  /** Empty: a record that has just begun. */
  readonly reference_type: string
  readonly reference_id: string
  readonly status: string
  readonly format: string
  readonly on_end_flow_id: string
  readonly tm_start: Time
  readonly tm_end: Time
  readonly tm_create: Time
  readonly tm_update: Time
  readonly tm_delete: Time
}

export interface VoipbinAddress {
  readonly type: string
  readonly target: string
  readonly target_name: string
  readonly name: string
  readonly detail: string
}

export interface VoipbinCall {
  readonly id: string
  readonly customer_id: string
  readonly flow_id: string
  readonly activeflow_id: string
  readonly type: string
  readonly master_call_id: string
  readonly chained_call_ids: readonly string[]
  readonly recording_ids: readonly string[]
  readonly source: VoipbinAddress
  readonly destination: VoipbinAddress
  readonly status: string
  readonly direction: string
  readonly hangup_by: string
  readonly hangup_reason: string
  readonly tm_create: Time
  readonly tm_hangup: Time
}

export interface VoipbinConference {
  readonly id: string
  readonly customer_id: string
  readonly type: string
  readonly status: string
  readonly name: string
  readonly conferencecall_ids: readonly string[]
  readonly recording_id: string
  readonly recording_ids: readonly string[]
  readonly tm_create: Time
}

export interface VoipbinConferenceCall {
  readonly id: string
  readonly reference_type: string
  readonly reference_id: string
  readonly status: string
}

export interface VoipbinTranscribe {
  readonly id: string
  readonly customer_id: string
  /** `recording`, `call`, `confbridge`, `conference`, `unknown`. */
  readonly reference_type: string
  readonly reference_id: string
  /** `progressing` or `done`. */
  readonly status: string
  readonly language: string
  readonly direction: string
  readonly tm_create: Time
  readonly tm_update: Time
  readonly tm_delete: Time
}

export interface VoipbinTranscriptLine {
  readonly id: string
  readonly transcribe_id: string
  readonly direction: string
  readonly message: string
  readonly offset_ms?: number
  readonly tm_transcript?: Time
  readonly tm_create: Time
}

export interface VoipbinContact {
  readonly id: string
  readonly first_name: string
  readonly last_name: string
  readonly display_name: string
  readonly external_id: string
  readonly phone_numbers: readonly string[]
  readonly emails: readonly string[]
}
