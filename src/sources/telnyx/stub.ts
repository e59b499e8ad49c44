import { latest } from '../../domain/latest.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Stub } from '../source.ts'
import { type Envelope, storedEnvelope } from './envelope.ts'
import { idOf, updatedAt } from './fields.ts'
import { createdAtIn, fingerprintOf } from './listing.ts'
import { newestVersion } from './transcripts.ts'

/** A recording with what was joined to it. Its id and time may be missing: flatten says so. */
export const stubOf = (envelope: Envelope): Stub => {
  const { recording, transcripts } = envelope
  const joinedVersion = newestVersion(transcripts ?? [])
  return {
    recordId: idOf(recording, []) ?? null,
    parentId: null,
    windowAt: createdAtIn(recording),
    version: latest(updatedAt(recording, []) ?? null, joinedVersion),
    joinedVersion,
    fingerprint: fingerprintOf(recording),
    record: storedEnvelope(envelope),
  }
}

/** An item of a listing that is no object: it has to be rejected. */
export const foreignStub = (item: unknown): Stub => ({
  recordId: null,
  parentId: null,
  windowAt: null,
  version: null,
  joinedVersion: null,
  fingerprint: fingerprintOf(item),
  record: item,
})

/** A recording of which only its transcriptions were listed. */
export const mentionedStub = (recordId: string, transcripts: readonly JsonObject[]): Stub => ({
  recordId,
  parentId: null,
  windowAt: null,
  version: null,
  joinedVersion: newestVersion(transcripts),
  fingerprint: null,
  record: undefined,
})
