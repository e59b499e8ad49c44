import type { SourceRecord } from '../domain/batch.ts'
import { copyNull, copyText, instantOrNull, storable, textOrNull } from './copy-text.ts'

/** In the order in which a record is written. */
export const recordColumns = [
  'record_id',
  'parent_id',
  'window_at',
  'version',
  'joined_version',
  'fingerprint',
  'ordinal',
  'outcome',
  'reason',
  'payload_hash',
  'payload',
] as const

/** Characters that are encoded and sent at once: of a payload of 10 MB there is no copy. */
const sentAtOnce = 262_144

const beforePayload = (record: SourceRecord): string =>
  `${copyText(record.recordId)}\t${textOrNull(record.parentId)}\t` +
  `${instantOrNull(record.windowAt)}\t${record.version ?? copyNull}\t` +
  `${record.joinedVersion ?? copyNull}\t${textOrNull(record.fingerprint)}\t${record.ordinal}\t${record.outcome}\t` +
  `${textOrNull(record.reason)}\t${textOrNull(record.payloadHash)}\t`

/** Surrogates stay with their other half. */
function* piecesOf(text: string): Generator<string, void, undefined> {
  for (let from = 0; from < text.length; ) {
    const end = from + sentAtOnce
    const isCut = end < text.length && isHighSurrogate(text.charCodeAt(end - 1))
    const to = isCut ? end - 1 : end
    yield text.slice(from, to)
    from = to
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

function* textsOf(records: readonly SourceRecord[]): Generator<string, void, undefined> {
  for (const record of records) {
    yield beforePayload(record)
    if (record.payload === null) yield copyNull
    else for (const piece of piecesOf(storable(record.payload))) yield copyText(piece)
    yield '\n'
  }
}

/** Records as COPY text. */
export function* recordChunks(records: readonly SourceRecord[]): Generator<Buffer, void, undefined> {
  let text = ''
  for (const next of textsOf(records)) {
    text += next
    if (text.length < sentAtOnce) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}
