import { createHash } from 'node:crypto'
import { isJsonObject, type JsonObject } from './json-object.ts'

/** Text to write, then a value behind it; `absent` when the text is all. */
interface Pending {
  readonly text: string
  readonly value: unknown
}

const absent = Symbol('absent')

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const isMember = (value: unknown): boolean =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'

/** Escapes U+0000 and lone surrogates as `\u....`, so that Postgres text holds what it refuses in the raw. */
const scalarText = (value: unknown): string => (isMember(value) ? JSON.stringify(value) : 'null')

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The parts of one object or array: one for each nested value, with all the text between them. */
const partsOf = (members: readonly (readonly [string, unknown])[], open: string, close: string): readonly Pending[] => {
  const parts: Pending[] = []
  let text = open
  members.forEach(([label, value], index) => {
    text += index === 0 ? label : `,${label}`
    if (!isNested(value)) text += scalarText(value)
    else {
      parts.push({ text, value })
      text = ''
    }
  })
  parts.push({ text: text + close, value: absent })
  return parts
}

const nestedParts = (value: object): readonly Pending[] => {
  if (Array.isArray(value))
    return partsOf(
      value.map((item: unknown) => ['', item]),
      '[',
      ']',
    )
  const entries: [string, unknown][] = Object.entries(value)
  const members = entries.filter(([, member]) => isMember(member)).sort(byKey)
  return partsOf(
    members.map(([key, member]) => [`${JSON.stringify(key)}:`, member]),
    '{',
    '}',
  )
}

/** Values nested any deeper are walked with a stack of its own: a source may nest deeper than the call stack reaches. */
const mostCalls = 100

const walked = (value: unknown): string => {
  let json = ''
  const pending: Pending[] = [{ text: '', value }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    json += next.text
    if (isNested(next.value)) for (const part of nestedParts(next.value).toReversed()) pending.push(part)
    else if (next.value !== absent) json += scalarText(next.value)
  }
  return json
}

const objectText = (value: JsonObject, calls: number): string => {
  let json = ''
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (isMember(member)) json += `${json === '' ? '' : ','}${JSON.stringify(key)}:${textOf(member, calls)}`
  }
  return `{${json}}`
}

const arrayText = (items: readonly unknown[], calls: number): string => {
  let json = ''
  for (let at = 0; at < items.length; at += 1) json += `${at === 0 ? '' : ','}${textOf(items[at], calls)}`
  return `[${json}]`
}

const textOf = (value: unknown, calls: number): string => {
  if (!isNested(value)) return scalarText(value)
  if (calls >= mostCalls) return walked(value)
  if (Array.isArray(value)) return arrayText(value, calls + 1)
  return isJsonObject(value) ? objectText(value, calls + 1) : walked(value)
}

/**
 * The one JSON text of a value, whatever the order in which its keys came: for hashing and for storing. Members that JSON
 * cannot hold are left out, as `JSON.stringify` does. Values come from a JSON reader and are trees.
 */
export const canonicalJson = (value: unknown): string => textOf(value, 0)

export const sha256Hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
