import type { Stub } from '../sources/source.ts'
import { canonicalJson, sha256Hex } from '../transform/canonical-json.ts'
import { isLongId } from './long-id.ts'
import type { StubFacts, UnusableId } from './record-place.ts'

const noId = 'no-id:'

/** A record that its source lists without a usable id cannot be asked for. */
export const isNoId = (key: string): boolean => key.startsWith(noId)

/** The key of a record, and why it cannot become a row. One without a usable id is known again by what it holds. */
export const keyOf = ({ recordId, parentId, windowAt, record }: Stub): Pick<StubFacts, 'key' | 'unusable'> => {
  const unusable = unusableId(recordId)
  if (recordId !== null && unusable === null) return { key: recordId, unusable }
  return { key: `${noId}${sha256Hex(canonicalJson(record ?? { parentId, windowAt, recordId }))}`, unusable }
}

const unusableId = (recordId: string | null): UnusableId | null => {
  if (recordId === null) return 'missing-id'
  if (isLongId(recordId)) return 'id-too-long'
  return recordId.includes('\0') || !recordId.isWellFormed() ? 'unreadable-id' : null
}
