import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Stub } from '../source.ts'
import { type Envelope, storedEnvelope } from './envelope.ts'
import { idOf, versionOf } from './fields.ts'
import { itemTime } from './list-page.ts'
import { isInvalid, readTime } from './times.ts'
import { newestVersion } from './transcribes.ts'

/** Undefined for what is unset, in either dialect. */
const normalValue = (name: string, value: unknown): unknown => {
  if (value === null || value === '') return undefined
  if (!name.startsWith('tm_') || typeof value !== 'string') return value
  const time = readTime(value.trim())
  if (isInvalid(time)) return value
  return time === null ? undefined : formatInstant(time)
}

/** Digest of a resource whose dialect does not show: one answer may hold both, and the next one the other. */
const fingerprintOf = (recording: JsonObject): string =>
  sha256Hex(
    canonicalJson(
      Object.fromEntries(
        Object.entries(recording)
          .map(([name, value]) => [name, normalValue(name, value)] as const)
          .filter(([, value]) => value !== undefined),
      ),
    ),
  )

/** A recording with what was joined to it. Its id and time may be missing: flatten says so. */
export const stubOf = (envelope: Envelope): Stub => {
  const { recording, transcribes } = envelope
  return {
    recordId: idOf(recording, []) ?? null,
    parentId: null,
    windowAt: itemTime(recording),
    version: versionOf(recording),
    joinedVersion: newestVersion(transcribes ?? []),
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
  fingerprint: sha256Hex(canonicalJson(item)),
  record: item,
})

/** A recording of which only its transcribes were listed. */
export const mentionedStub = (recordId: string, transcribes: readonly JsonObject[]): Stub => ({
  recordId,
  parentId: null,
  windowAt: null,
  version: null,
  joinedVersion: newestVersion(transcribes),
  fingerprint: null,
  record: undefined,
})
