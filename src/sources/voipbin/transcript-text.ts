import type { EpochMicros } from '../../domain/instant.ts'
import { readIso } from '../../transform/iso-instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { createdAt, knownTime, readTime } from './times.ts'

interface Line {
  readonly id: string
  readonly text: string
  /** When it was said. */
  readonly at: EpochMicros
  readonly createdAt: EpochMicros
}

const messageOf = compileTextMember('message')
const idOf = compileTextMember('id')
const offsetMs = compileMember('offset_ms')
const spokenText = compileTextMember('tm_transcript')

const zero = readIso('0001-01-01 00:00:00')?.localMicros ?? Number.NaN

/** Some servers count `tm_transcript` from Go's zero time instead of naming an instant. */
const sinceZero = (text: string): number | null => {
  const written = text.startsWith('0001-01-01') ? readIso(text) : null
  return written === null || written.localMicros === zero ? null : written.localMicros - zero
}

const spokenAt = (line: JsonObject, begun: EpochMicros, otherwise: EpochMicros): EpochMicros => {
  const offset = offsetMs(line)
  if (typeof offset === 'number' && Number.isFinite(offset)) return begun + offset * 1000
  const text = spokenText(line, [])
  if (typeof text !== 'string') return otherwise
  const since = sinceZero(text)
  return since === null ? (knownTime(readTime(text)) ?? otherwise) : begun + since
}

/**
 * What was said, line by line. They come newest first, and one transcript may say of some lines when they were said and of
 * others only when they were written. `begun`: when the recording began. Null when no line has a text.
 */
export const transcriptText = (lines: readonly JsonObject[], begun: EpochMicros, notes: Notes): string | null => {
  const read = lines.flatMap((line): Line[] => {
    const text = messageOf(line, notes)
    const written = knownTime(createdAt(line)) ?? begun
    const at = spokenAt(line, begun, written)
    return typeof text === 'string' ? [{ id: idOf(line, []) ?? '', text, at, createdAt: written }] : []
  })
  const sorted = read.sort((a, b) => a.at - b.at || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  return sorted.length === 0 ? null : sorted.map(({ text }) => text).join('\n')
}
