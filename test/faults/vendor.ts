import type { EpochMicros } from '../../src/domain/instant.ts'
import type { JsonObject } from '../../src/transform/json-object.ts'
import type { Content, Recording, Text } from './model.ts'

/** The columns that the warehouse must hold for a recording, literally. */
export interface ExpectedRow {
  readonly message_id: string
  /** Microseconds. */
  readonly created_at: number
  readonly message_direction: string | null
  readonly phone_number: string | null
  readonly number_dialed_by_user: string | null
  readonly call_duration_in_sec: number | null
  readonly message_text: string | null
  readonly recording_status: string | null
}

/** A simulated account, as a schedule changes it. */
export interface VendorAccount {
  /** Where its API listens: `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** The recording as it is now: added, or changed in place. */
  put(recording: Recording): void
  remove(recording: Recording): void
  /** Its text is new. */
  write(recording: Recording, text: Text): void
  /** Ids that the account has, whatever was removed by a trap. */
  has(recording: Recording): boolean
  /** Switches on a trap by its name; null = all are off. */
  trap(name: string | null): void
  close(): Promise<void>
}

/** Second looks of every connection of the matrix: the deepest reaches behind everything that a schedule makes. */
export const rereads = [
  { depth: '1h', every: 'run' },
  { depth: '24h', every: '6h' },
  { depth: '30d', every: '12h' },
]

/** What the matrix needs to know of a source. None of it is computed by the source itself. */
export interface Vendor {
  readonly name: string
  /** As an operator writes them; `origin`: of the account. */
  settings(origin: string): JsonObject
  readonly env: Readonly<Record<string, string>>
  /** What must stand in no table. */
  readonly secrets: readonly string[]
  readonly traps: readonly string[]
  /** On which deletions are proved. */
  readonly axis: string
  /** Microseconds between two times that it can tell apart. */
  readonly resolution: number
  /** The most recordings on one timestamp that its listing can show; more than a thousand are not tried. */
  readonly tied: number
  /** Texts of recordings come and are joined. */
  readonly hasTexts: boolean
  readonly hasPending: boolean
  readonly hasBad: boolean
  /** A changed recording may keep its version. */
  readonly changesSilently: boolean
  /** What was removed is asked for by id when a window does not list it. */
  readonly provesDeletions: boolean
  /** What a trap keeps back of a living one is asked for again, by its id. */
  readonly mayWait: boolean
  /** Where it lies on an axis of its stream. */
  placeOn(axis: string, recording: Recording): EpochMicros
  /** Whether a 401 is answered by another login. */
  readonly hasTokens: boolean
  /** Microseconds from its time on the axis until a pending one becomes what it is. */
  readonly pendingFor: number
  /** Why a bad one is rejected. */
  readonly rejectCode: string
  open(now: () => EpochMicros): Promise<VendorAccount>
  idOf(recording: Recording): string
  /** `given up`: its waiting ended without success. */
  row(recording: Recording, content: Content, text: string | null, as: 'done' | 'given up'): ExpectedRow
}
