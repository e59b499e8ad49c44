import { type TravtusField, travtusFields } from '../domain/recording-row.ts'
import { isPlaceholder } from './cell.ts'

/** What a judgement of a cell needs: of a long one its beginning. */
export interface CellFacts {
  /** Up to `keptLength` characters. */
  readonly text: string
  readonly length: number
  readonly blank: boolean
  readonly lineBreak: boolean
  readonly control: boolean
}

/** Longer than any word or instant that is looked for. */
export const keptLength = 64

const isWhiteSpace = /\s/

const isControl = (code: number): boolean =>
  code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029

/** Collects the facts of a cell, a UTF-16 unit at a time. */
export class CellReader {
  #text = ''
  #length = 0
  #blank = true
  #lineBreak = false
  #control = false

  add(code: number): void {
    this.#length += 1
    if (this.#text.length < keptLength) this.#text += String.fromCharCode(code)
    if (code === 0x0a || code === 0x0d) this.#lineBreak = true
    else if (isControl(code)) this.#control = true
    else if (this.#blank && !(code === 0x20 || isWhiteSpace.test(String.fromCharCode(code)))) this.#blank = false
  }

  /** The facts of the cell that ends here; the next begins. */
  end(): CellFacts {
    const facts = {
      text: this.#text,
      length: this.#length,
      blank: this.#blank,
      lineBreak: this.#lineBreak,
      control: this.#control,
    }
    this.#text = ''
    this.#length = 0
    this.#blank = true
    this.#lineBreak = false
    this.#control = false
    return facts
  }
}

export const factsOf = (text: string): CellFacts => {
  const reader = new CellReader()
  for (let at = 0; at < text.length; at += 1) reader.add(text.charCodeAt(at))
  return reader.end()
}

const needed: readonly TravtusField[] = ['conversation_id', 'message_id', 'created_at']

/** What is wrong with a cell, in words. */
export const problemsOfCell = (field: TravtusField | null, facts: CellFacts): readonly string[] => {
  const { text, length, blank, lineBreak, control } = facts
  if (length === 0) return field !== null && needed.includes(field) ? ['is empty; it must be there'] : []
  const broken = [
    ...(lineBreak ? ['has a line break; a record is one line'] : []),
    ...(control ? ['has a control character'] : []),
  ]
  if (broken.length > 0) return broken
  if (blank) return ['has nothing but blanks; nothing is an empty cell']
  if (length <= keptLength && isPlaceholder(text.trim()))
    return [`is ${JSON.stringify(text)}; nothing is an empty cell`]
  return problemOfForm(field, text, length)
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

const isInstant = (text: string): boolean => {
  const parsed = instant.test(text) ? Date.parse(`${text}Z`) : Number.NaN
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(text)
}

const problemOfForm = (field: TravtusField | null, text: string, length: number): readonly string[] => {
  if (field === 'created_at' && !isInstant(text))
    return [`is ${JSON.stringify(text)}; it is YYYY-MM-DDThh:mm:ss in UTC, without zone and fraction`]
  if (field === 'call_duration_in_sec' && (length > keptLength || !/^\d+$/.test(text)))
    return [`is ${JSON.stringify(text)}; it is whole seconds in decimal digits`]
  return []
}

/** What is wrong with the names of the columns, or of the members of an object; in words. */
export const problemsOfNames = (names: readonly string[]): readonly string[] => {
  const missing = travtusFields.filter((field) => !names.includes(field))
  const unknown = names.filter((name) => !travtusFields.some((field) => field === name))
  const twice = names.filter((name, place) => names.indexOf(name) !== place && !unknown.includes(name))
  const problems = [
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')}`]),
    ...(unknown.length === 0
      ? []
      : [`has ${unknown.map((name) => JSON.stringify(name)).join(', ')}, which is no field`]),
    ...(twice.length === 0 ? [] : [`has ${twice.join(', ')} twice`]),
  ]
  if (problems.length > 0) return problems
  const stray = travtusFields.find((field, place) => names[place] !== field)
  return stray === undefined ? [] : [`has its columns in another order: ${stray} is not in its place`]
}
