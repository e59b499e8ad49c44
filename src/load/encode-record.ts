import type { SourceRecord } from '../domain/batch.ts'
import { copyNull, copyText, instantOrNull, textOrNull } from './copy-text.ts'

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

/** Characters of a payload that are encoded at once: of one of 10 MB no second text is made. */
const mostAtOnce = 262_144

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** Surrogates stay with their other half. */
function* piecesOf(text: string): Generator<string, void, undefined> {
  for (let from = 0; from < text.length; ) {
    const end = from + mostAtOnce
    const isCut = end < text.length && isHighSurrogate(text.charCodeAt(end - 1))
    const to = isCut ? end - 1 : end
    yield text.slice(from, to)
    from = to
  }
}

const beforePayload = (record: SourceRecord): string =>
  `${copyText(record.recordId)}\t${textOrNull(record.parentId)}\t` +
  `${instantOrNull(record.windowAt)}\t${record.version ?? copyNull}\t` +
  `${record.joinedVersion ?? copyNull}\t${textOrNull(record.fingerprint)}\t${record.ordinal}\t${record.outcome}\t` +
  `${textOrNull(record.reason)}\t${textOrNull(record.payloadHash)}\t`

/** A record as a line of COPY text, in one part or several. */
export function* recordTexts(record: SourceRecord): Generator<string, void, undefined> {
  const { payload } = record
  const before = beforePayload(record)
  if (payload === null) yield `${before}${copyNull}\n`
  else if (payload.length <= mostAtOnce) yield `${before}${copyText(payload)}\n`
  else {
    yield before
    for (const piece of piecesOf(payload)) yield copyText(piece)
    yield '\n'
  }
}
