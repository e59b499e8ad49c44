import { travtusFields } from '../domain/recording-row.ts'
import { factsOf, problemsOfCell, problemsOfNames } from './check-cell.ts'
import type { ProblemList, TextChecker } from './check-problems.ts'

/** Characters of one object at the most; a transcript of an hour has a hundred thousand. */
const mostCharacters = 64_000_000

/** What may come next: the array, its first object or its end, a comma or its end, an object, nothing. */
type Expected = 'array' | 'first' | 'separator' | 'object' | 'nothing'

const expectations: Readonly<Record<Expected, string>> = {
  array: 'an array of objects at the top',
  first: 'an object or the end of the array',
  separator: 'a comma or the end of the array',
  object: 'an object',
  nothing: 'nothing behind the array',
}

/** Judges an array of objects as it comes; one object is held at a time. */
export class JsonChecker implements TextChecker {
  readonly #problems: ProblemList
  #expected: Expected = 'array'
  #line = 1
  #objects = 0
  /** Of the object that is being read: its text, its depth, the line on which it starts. */
  #parts: string[] = []
  #length = 0
  #depth = 0
  #inString = false
  #escaped = false
  #startLine = 1
  #broken = false

  constructor(problems: ProblemList) {
    this.#problems = problems
  }

  push(text: string): boolean {
    let start = 0
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charAt(at)
      if (character === '\n') this.#line += 1
      if (this.#depth === 0) {
        if (!this.#between(character)) return false
        start = at
      } else if (this.#within(character)) {
        this.#endObject(text.slice(start, at + 1))
        start = at + 1
      }
    }
    if (this.#depth > 0) this.#keep(text.slice(start))
    return this.#length <= mostCharacters || this.#tooLong()
  }

  end(): number {
    if (this.#broken) return this.#objects
    if (this.#depth > 0) this.#problems.add(this.#startLine, null, 'the file ends within this object')
    else if (this.#expected !== 'nothing')
      this.#problems.add(this.#line, null, `the file ends; expected: ${expectations[this.#expected]}`)
    return this.#objects
  }

  /** Outside of objects. */
  #between(character: string): boolean {
    if (/[ \t\r\n]/.test(character)) return true
    const next = this.#following(character)
    if (next === null) {
      this.#problems.add(
        this.#line,
        null,
        `found ${JSON.stringify(character)}; expected: ${expectations[this.#expected]}`,
      )
      this.#broken = true
      return false
    }
    if (character === '{') {
      this.#depth = 1
      this.#startLine = this.#line
    }
    this.#expected = next
    return true
  }

  #following(character: string): Expected | null {
    const expected = this.#expected
    if (expected === 'array') return character === '[' ? 'first' : null
    if (expected === 'nothing') return null
    if (character === ']' && expected !== 'object') return 'nothing'
    if (expected === 'separator') return character === ',' ? 'object' : null
    return character === '{' ? 'separator' : null
  }

  /** Within an object; true when it ends here. */
  #within(character: string): boolean {
    if (this.#escaped) this.#escaped = false
    else if (this.#inString) {
      if (character === '\\') this.#escaped = true
      else if (character === '"') this.#inString = false
    } else if (character === '"') this.#inString = true
    else if (character === '{' || character === '[') this.#depth += 1
    else if (character === '}' || character === ']') this.#depth -= 1
    return this.#depth === 0
  }

  #keep(part: string): void {
    this.#parts.push(part)
    this.#length += part.length
  }

  #tooLong(): boolean {
    this.#problems.add(this.#startLine, null, `an object of more than ${mostCharacters} characters`)
    this.#broken = true
    return false
  }

  #endObject(part: string): void {
    this.#keep(part)
    const text = this.#parts.join('')
    this.#parts = []
    this.#length = 0
    this.#objects += 1
    const found = parsed(text)
    if (found === null) this.#problems.add(this.#startLine, null, 'is no JSON')
    else this.#judge(found)
  }

  #judge(members: readonly (readonly [string, unknown])[]): void {
    for (const text of problemsOfNames(members.map(([name]) => name))) this.#problems.add(this.#startLine, null, text)
    for (const [name, value] of members) {
      for (const text of problemsOfValue(name, value)) this.#problems.add(this.#startLine, name, text)
    }
  }
}

const parsed = (text: string): readonly (readonly [string, unknown])[] | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? Object.entries(value) : null
  } catch {
    return null
  }
}

const problemsOfValue = (name: string, value: unknown): readonly string[] => {
  const field = travtusFields.find((known) => known === name) ?? null
  if (typeof value === 'string')
    return value.isWellFormed() ? problemsOfCell(field, factsOf(value)) : ['has half a character']
  if (value === null) return problemsOfCell(field, factsOf(''))
  return [`is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}; allowed: a text or null`]
}
