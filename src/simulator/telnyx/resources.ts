/** Any member of a Telnyx resource may be absent (undefined) or null; only what the docs type is typed. */
type Given<T> = T | null | undefined

/** A link that is signed anew in every answer; any other text of `download_urls` is answered as it stands. */
export const signed = 'signed'

export interface TelnyxLinks {
  readonly mp3?: Given<string>
  readonly wav?: Given<string>
}

/** A recording as the account keeps it: the API's own member names. */
export interface TelnyxRecording {
  readonly id: Given<string>
  readonly record_type: Given<string>
  readonly call_control_id: Given<string>
  readonly call_leg_id: Given<string>
  readonly call_session_id: Given<string>
  readonly conference_id: Given<string>
  readonly connection_id: Given<string>
  readonly channels: Given<string>
  readonly source: Given<string>
  readonly initiated_by: Given<string>
  readonly status: Given<string>
  readonly from: Given<string>
  readonly to: Given<string>
  readonly duration_millis: Given<number>
  readonly recording_started_at: Given<string>
  readonly recording_ended_at: Given<string>
  readonly created_at: Given<string>
  readonly updated_at: Given<string>
  readonly download_urls: Given<TelnyxLinks>
  /** Can be filtered by, but no answer that is documented shows it: absent unless a test adds it. */
  readonly conference_region?: Given<string>
  readonly sip_call_id?: Given<string>
}

export interface TelnyxTranscription {
  readonly id: Given<string>
  readonly record_type: Given<string>
  readonly recording_id: Given<string>
  /** `in-progress` or `completed`. */
  readonly status: Given<string>
  readonly transcription_text: Given<string>
  readonly duration_millis: Given<number>
  readonly created_at: Given<string>
  readonly updated_at: Given<string>
}

export interface TelnyxCallEvent {
  readonly record_type: Given<string>
  readonly call_leg_id: Given<string>
  readonly call_session_id: Given<string>
  readonly event_timestamp: Given<string>
  /** `call.initiated`, `call.hangup`, ... */
  readonly name: Given<string>
  /** `command` or `webhook`. */
  readonly type: Given<string>
  /** Holds the raw event. */
  readonly metadata: Given<Readonly<Record<string, unknown>>>
}
