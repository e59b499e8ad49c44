import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Stub } from '../source.ts'
import { type Envelope, storedEnvelope } from './envelope.ts'
import { createdAtOf, idOf, updatedAtOf } from './fields.ts'
import { keptCall } from './kept-call.ts'

const fingerprintOf = (kept: unknown): string => sha256Hex(canonicalJson(kept))

/** A call with what was joined to it; its fingerprint is that of the call alone. */
export const stubOf = (envelope: Envelope): Stub => {
  const { call } = envelope
  return {
    recordId: idOf(call, []) ?? null,
    parentId: null,
    windowAt: createdAtOf(call, []) ?? null,
    version: updatedAtOf(call, []) ?? null,
    joinedVersion: null,
    fingerprint: fingerprintOf(call),
    record: storedEnvelope(envelope),
  }
}

/** An item of a listing; one that is no object has to be rejected. */
export const listedStub = (item: unknown): Stub => {
  if (isJsonObject(item)) return stubOf({ call: keptCall(item), own_number: undefined, own_number_due: false })
  const nothing = { recordId: null, parentId: null, windowAt: null, version: null, joinedVersion: null }
  return { ...nothing, fingerprint: fingerprintOf(item), record: item }
}
