import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Stub } from '../source.ts'
import { createdAt, idOf, versionOf } from './fields.ts'
import { keptRecord } from './kept-record.ts'

export const stubOf = (item: unknown): Stub => {
  const record = keptRecord(item)
  const found = isJsonObject(record) ? record : {}
  return {
    recordId: idOf(found, []) ?? null,
    parentId: null,
    windowAt: createdAt(found, []) ?? null,
    version: versionOf(found, []),
    joinedVersion: null,
    fingerprint: sha256Hex(canonicalJson(record)),
    record,
  }
}
