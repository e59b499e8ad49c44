import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader, formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import type { Invalid } from '../../transform/reading.ts'

/** Null: it is unset. */
export type Time = EpochMicros | null | Invalid

/** Every VoIPBIN time without a zone is UTC; later servers write the zone. */
const readInstant = compileInstantReader({ zone: 'UTC' })

/** A time that is not there yet: the year 9999 and beyond, or Go's zero. */
const unset = /^(?:9999|\d{5,})-|^0001-01-01(?!\d)/

export const readTime = (text: string): Time => {
  if (unset.test(text)) return null
  const reading = readInstant(text)
  return reading.kind === 'value' ? reading.value : reading
}

export type TimeMember = (object: JsonObject) => Time

/** Unset is also: no such key, null, an empty text. */
export const compileTime = (name: string): TimeMember => {
  const member = compileTextMember(name)
  return (object) => {
    const text = member(object, [])
    return typeof text === 'string' ? readTime(text) : null
  }
}

export const isInvalid = (time: Time): time is Invalid => typeof time === 'object' && time !== null

/** The instant, or null for one that is unset or cannot be read. */
export const knownTime = (time: Time): EpochMicros | null => (isInvalid(time) ? null : time)

export const createdAt = compileTime('tm_create')
export const updatedAt = compileTime('tm_update')
export const startedAt = compileTime('tm_start')
export const endedAt = compileTime('tm_end')
export const deletedAt = compileTime('tm_delete')

/** How a server writes times: with `T` and `Z`, or as older ones do with a blank and no zone. */
export type TimeForm = 'rfc3339' | 'blank'

export const formOf = (text: string): TimeForm => (text.charAt(10) === 'T' ? 'rfc3339' : 'blank')

export const otherForm = (form: TimeForm): TimeForm => (form === 'blank' ? 'rfc3339' : 'blank')

/** Always six digits of fraction, as page tokens of both dialects have. */
export const writeTime = (micros: EpochMicros, form: TimeForm): string => {
  const text = formatInstant(micros).slice(0, -1)
  const whole = text.includes('.') ? text : `${text}.000000`
  return form === 'rfc3339' ? `${whole}Z` : whole.replace('T', ' ')
}
