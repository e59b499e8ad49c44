import type { EpochMicros } from '../../domain/instant.ts'
import type { TelnyxCallEvent, TelnyxRecording, TelnyxTranscription } from './resources.ts'

/** What is in the account, changeable while it serves. Ids that do not exist throw. */
export interface TelnyxAccount {
  /** The account's own phone numbers, E.164: `GET /phone_numbers`. */
  readonly ownNumbers: readonly string[]
  /**
   * Adds recordings created at seeded instants spread over [from, to), and returns their ids, earliest first. Among the
   * first 64 of an account are all odd forms (traps 6, 7, 9, 12, 13, 18), then in the same mix again; with `plain`, none.
   * What lies in the future appears when the account's clock gets there.
   */
  generate(range: {
    readonly from: EpochMicros
    readonly to: EpochMicros
    readonly count: number
    readonly plain?: boolean
  }): readonly string[]
  /**
   * Adds one recording and returns its id; what is not given is filled in plainly, created now. A member given as undefined
   * is left out of every answer. `download_urls` members that are `signed` are links made anew in every answer.
   */
  add(recording?: Partial<TelnyxRecording>): string
  /** Sets `updated_at` to now unless the patch says otherwise. No event tells of it (trap 19). */
  change(id: string, patch: Partial<TelnyxRecording>): void
  /** Gone from the list, by id 404 (trap 16). Its transcriptions stay. */
  remove(id: string): void
  /** Completed, half a minute after the recording's `created_at`, unless given otherwise. Returns its id. */
  transcribe(recordingId: string, transcription?: Partial<TelnyxTranscription>): string
  /** Sets `updated_at` to now unless the patch says otherwise. */
  changeTranscription(id: string, patch: Partial<TelnyxTranscription>): void
  /**
   * `call.initiated`, a webhook, unless given otherwise. When `metadata` is not given it holds the webhook that Telnyx sent
   * for the leg: `{event_type, occurred_at, payload: {direction: incoming | outgoing, from, to, ...}}`.
   */
  addCallEvent(event: Partial<TelnyxCallEvent>): void
  /** Of the living recordings, earliest `created_at` first. */
  ids(): readonly string[]
  /** Undefined when it never was or is removed. */
  get(id: string): TelnyxRecording | undefined
}
