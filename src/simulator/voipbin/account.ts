import type { EpochMicros } from '../../domain/instant.ts'
import type {
  VoipbinCall,
  VoipbinConference,
  VoipbinContact,
  VoipbinRecording,
  VoipbinTranscribe,
  VoipbinTranscriptLine,
} from './resources.ts'

/** What is in the account, changeable while it serves. Ids that do not exist throw. */
export interface VoipbinAccount {
  /**
   * Adds ended recordings created at seeded instants spread over [from, to), each with its call, and returns their ids,
   * earliest first. Among the first 32 of an account are all odd forms (traps 8, 10, 12, 17), then in the same mix again; with
   * `plain`, none. What lies in the future appears when the account's clock gets there.
   */
  generate(range: {
    readonly from: EpochMicros
    readonly to: EpochMicros
    readonly count: number
    readonly plain?: boolean
  }): readonly string[]
  /** Adds one recording with its call and returns its id; what is not given is filled in plainly, created now. */
  add(recording?: Partial<VoipbinRecording>): string
  /** Sets `tm_update` to now unless the patch says otherwise. */
  change(id: string, patch: Partial<VoipbinRecording>): void
  /** Gone from the list, by id not found (trap 16). */
  remove(id: string): void
  /** Lists and reads by id answer the recording as it is now, until it is released (trap 7). */
  hold(id: string): void
  release(id: string): void
  /** Changes the call of a recording, or adds one. */
  changeCall(callId: string, patch: Partial<VoipbinCall>): void
  /** Returns what was removed, to be added again. */
  removeCall(callId: string): VoipbinCall
  addCall(call: VoipbinCall): void
  /** A conference of these calls that holds the recording, which refers to a bridge instead (trap 11). Returns its id. */
  addConference(recordingId: string, callIds: readonly string[], conference?: Partial<VoipbinConference>): string
  /** Of the recording unless given otherwise; done. Returns its id. */
  transcribe(
    recordingId: string,
    transcribe: Partial<VoipbinTranscribe>,
    lines: readonly Partial<VoipbinTranscriptLine>[],
  ): string
  changeTranscribe(id: string, patch: Partial<VoipbinTranscribe>): void
  addContact(contact: Partial<VoipbinContact>): void
  /** Of the living recordings, earliest `tm_create` first. */
  ids(): readonly string[]
  get(id: string): VoipbinRecording | undefined
  /** The call that a recording refers to. */
  callOf(recordingId: string): VoipbinCall | undefined
}
