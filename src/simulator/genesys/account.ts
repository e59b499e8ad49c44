import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'

export interface NewConversation {
  readonly id?: string
  readonly start: EpochMicros
  /** Default: five minutes after its start. Before that it is open. */
  readonly end?: EpochMicros
  readonly direction?: 'inbound' | 'outbound'
  readonly mediaType?: string
  /** E.164, or what else the vendor writes behind `tel:`. */
  readonly ani?: string
  readonly dnis?: string
  readonly division?: string
  readonly queue?: string
  readonly contact?: string
  /** Of the detail, replaced as they are. */
  readonly detail?: JsonObject
  /** Default: one of the whole call. Members replace those of a plain one; undefined leaves one out. */
  readonly recordings?: readonly JsonObject[]
}

/** What is in the organization, changeable while it serves. Ids that do not exist throw. */
export interface GenesysAccount {
  /** Plain recorded calls at instants spread evenly over [from, to); returns the ids of the conversations, earliest first. */
  generate(range: { readonly from: EpochMicros; readonly to: EpochMicros; readonly count: number }): readonly string[]
  /** One conversation, a recorded call unless it says otherwise; returns its id. */
  add(conversation: NewConversation): string
  /** Of the detail. */
  change(id: string, patch: JsonObject): void
  /** It ends then. */
  end(id: string, at: EpochMicros): void
  /** A second customer, outbound from a SIP address (trap 7). */
  consult(id: string): void
  /** The ids of its recordings. */
  recordings(id: string): readonly string[]
  addRecording(id: string, recording: JsonObject): string
  changeRecording(id: string, recordingId: string, patch: JsonObject): void
  /** Its recordings are gone for good: an empty list. */
  purge(id: string): void
  /** Gone: by id 404. */
  remove(id: string): void
  /** By its id; returns it. */
  addContact(contact: JsonObject & { readonly id: string }): string
  /** The voice transcript of a session. */
  transcribe(sessionId: string, phrases: readonly JsonObject[]): void
  ids(): readonly string[]
  /** The session that recordings of a plain conversation are of. */
  sessionOf(id: string): string
}
