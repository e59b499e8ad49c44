import type { Stub } from '../../src/sources/source.ts'
import { canonicalJson, sha256Hex } from '../../src/transform/canonical-json.ts'
import { compileInstantReader } from '../../src/transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../src/transform/json-object.ts'
import { compileIdMember, compileReadMember } from '../../src/transform/member.ts'

export const readInstant = compileInstantReader({})

export const idOf = compileIdMember('id')
export const changedAt = compileReadMember('changed', readInstant, 'version-unreadable')
const beganAt = compileReadMember('began', readInstant, null)

/** `link` is signed anew in every answer: it is a secret, and would make every recording look changed. */
const kept = (recording: JsonObject): JsonObject => {
  const { link: _, ...rest } = recording
  return rest
}

/** What a listing says of a recording, which is all there is to it. */
export const stubOf = (item: unknown): Stub => {
  const record = isJsonObject(item) ? kept(item) : {}
  return {
    recordId: idOf(record, []) ?? null,
    parentId: null,
    windowAt: beganAt(record, []) ?? null,
    version: changedAt(record, []) ?? null,
    joinedVersion: null,
    fingerprint: sha256Hex(canonicalJson(record)),
    record,
  }
}
