import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { compileReadMember } from '../../transform/member.ts'
import { type Reading, read } from '../../transform/reading.ts'

const readSeconds = compileInstantReader({ format: 'unix_s' })
const readMillis = compileInstantReader({ format: 'unix_ms' })
const readIso = compileInstantReader({})

/** Seconds until the year 5138; as milliseconds it is March 1973, when no call was recorded for this. */
const firstMillis = 1e11

const isNumber = /^-?\d+(?:\.\d+)?$/

/** A Unix timestamp of which no page says the unit; 0 is none. An ISO text with its zone is read, too. */
export const readTimestamp = (text: string): Reading<EpochMicros | null> => {
  if (!isNumber.test(text)) return readIso(text)
  const number = Number(text)
  if (number === 0) return read(null)
  return Math.abs(number) < firstMillis ? readSeconds(text) : readMillis(text)
}

/** A time that decides nothing: one that cannot be read says nothing, and is counted. */
export const compileTime = (name: string) => compileReadMember(name, readTimestamp, 'time-unreadable')
