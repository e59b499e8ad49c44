import type { Stated } from '../domain/recording-row.ts'
import { numberText } from './json-number.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import type { Reading } from './reading.ts'
import { cleanText, trimmed } from './text.ts'

/** Collects what was accepted of one record but is worth knowing, by kebab-case code. */
export type Notes = string[]

/** One member of a vendor's object; undefined when the object has none of that name. */
export type Member = (object: JsonObject) => unknown

/** The text of a member: trimmed, null for null and for a blank one, undefined when there is none. */
export type TextMember = (object: JsonObject, notes: Notes) => Stated<string>

const camelCase = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Own members only, by the name on the wire (`call_session_id`) or as typed clients write it (`callSessionId`). */
export const compileMember = (name: string): Member => {
  const other = camelCase(name)
  return (object) => {
    if (Object.hasOwn(object, name)) return object[name]
    return Object.hasOwn(object, other) ? object[other] : undefined
  }
}

/** As a vendor's JSON may write a text: numbers are their digits, true and false words. Null when the value is none of these. */
const scalarText = (value: unknown): string | null => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'boolean' ? String(value) : null
}

/**
 * An id, exactly as it is written: the source is asked by it, and two that differ in a blank are two. Blank ones are null;
 * of what is no text as in compileTextMember.
 */
export const compileIdMember = (name: string): TextMember => {
  const member = compileMember(name)
  return (object, notes) => {
    const value = member(object)
    if (value === undefined || value === null) return value
    const text = scalarText(value)
    if (text === null) notes.push('member-unreadable')
    return text === null ? undefined : text.trim() === '' ? null : text
  }
}

/** An object, an array or a number whose digits are lost says nothing: undefined with the note `member-unreadable`. */
export const compileTextMember = (name: string): TextMember => {
  const member = compileMember(name)
  return (object, notes) => {
    const value = member(object)
    if (value === undefined || value === null) return value
    const text = scalarText(value)
    if (text === null) {
      notes.push('member-unreadable')
      return undefined
    }
    const clean = cleanText(trimmed(text))
    if (clean.replaced > 0) notes.push('characters-replaced')
    return clean.text === '' ? null : clean.text
  }
}

/** What a reader makes of the text of a member; undefined for one that it refuses, with the note `unreadable` if there is one. */
export const compileReadMember = <T>(
  name: string,
  reader: (text: string) => Reading<T>,
  unreadable: string | null,
): ((object: JsonObject, notes: Notes) => Stated<T>) => {
  const member = compileTextMember(name)
  return (object, notes) => {
    const text = member(object, notes)
    if (typeof text !== 'string') return text
    const reading = reader(text)
    const note = reading.kind === 'value' ? reading.note : unreadable
    if (note !== null) notes.push(note)
    return reading.kind === 'value' ? reading.value : undefined
  }
}

/** The objects of a list; anything else in it is left out. */
export const objectsOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((item: unknown) => isJsonObject(item)) : []
