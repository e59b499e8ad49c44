import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { createTimeIndex, type TimeIndex } from '../time-index.ts'

export interface StoredConversation {
  readonly id: string
  /** `conversationStart`. */
  readonly at: EpochMicros
  /** Open before it. */
  end: EpochMicros
  detail: JsonObject
  recordings: readonly JsonObject[]
  /** Requests for its recordings so far. */
  asked: number
}

/** What the organization holds: the endpoints read it, GenesysAccount changes it. */
export interface AccountState {
  readonly seed: number
  readonly now: () => EpochMicros
  readonly conversations: TimeIndex<StoredConversation>
  readonly byId: Map<string, StoredConversation>
  readonly contacts: Map<string, JsonObject>
  readonly transcripts: Map<string, readonly JsonObject[]>
  nextOrdinal: number
}

export const createAccountState = (seed: number, now: () => EpochMicros): AccountState => ({
  seed,
  now,
  conversations: createTimeIndex(),
  byId: new Map(),
  contacts: new Map(),
  transcripts: new Map(),
  nextOrdinal: 0,
})

/** As answers show it now. */
export const shownDetail = (state: AccountState, { detail, end }: StoredConversation): JsonObject =>
  end <= state.now()
    ? detail
    : Object.fromEntries(Object.entries(detail).filter(([name]) => name !== 'conversationEnd'))
