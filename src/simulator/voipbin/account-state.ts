import type { EpochMicros } from '../../domain/instant.ts'
import { createTimeIndex, type TimeIndex } from '../time-index.ts'
import type {
  VoipbinCall,
  VoipbinConference,
  VoipbinConferenceCall,
  VoipbinContact,
  VoipbinRecording,
  VoipbinTranscribe,
  VoipbinTranscriptLine,
} from './resources.ts'

export interface Stored<T> {
  readonly id: string
  /** `tm_create` as lists compare it, whatever the answer shows. */
  readonly at: EpochMicros
  readonly content: T
}

/** Resources that are listed, newest first, and read by id. */
export interface Collection<T> {
  readonly index: TimeIndex<Stored<T>>
  readonly byId: Map<string, Stored<T>>
}

const createCollection = <T>(): Collection<T> => ({ index: createTimeIndex(), byId: new Map() })

export const store = <T>({ index, byId }: Collection<T>, added: readonly Stored<T>[]): void => {
  for (const stored of added) {
    const before = byId.get(stored.id)
    if (before !== undefined) index.remove(before)
    byId.set(stored.id, stored)
  }
  index.insert(added)
}

export const discard = <T>({ index, byId }: Collection<T>, id: string): Stored<T> => {
  const stored = byId.get(id)
  if (stored === undefined) throw new Error(`there is no ${id}`)
  index.remove(stored)
  byId.delete(id)
  return stored
}

/** What the account holds: the endpoints read it, VoipbinAccount changes it. */
export interface AccountState {
  readonly seed: number
  readonly now: () => EpochMicros
  readonly recordings: Collection<VoipbinRecording>
  readonly held: Map<string, VoipbinRecording>
  readonly calls: Collection<VoipbinCall>
  readonly conferences: Collection<VoipbinConference>
  readonly participants: Map<string, VoipbinConferenceCall>
  readonly transcribes: Collection<VoipbinTranscribe>
  readonly lines: Collection<VoipbinTranscriptLine>
  readonly contacts: VoipbinContact[]
  /** Given to whatever is added; never given twice. */
  nextOrdinal: number
}

export const createAccountState = (seed: number, now: () => EpochMicros): AccountState => ({
  seed,
  now,
  recordings: createCollection(),
  held: new Map(),
  calls: createCollection(),
  conferences: createCollection(),
  participants: new Map(),
  transcribes: createCollection(),
  lines: createCollection(),
  contacts: [],
  nextOrdinal: 0,
})
