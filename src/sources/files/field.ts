import type { RejectReason } from '../../domain/flattened.ts'
import type { Stated } from '../../domain/recording-row.ts'
import { numberText } from '../../transform/json-number.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Reading } from '../../transform/reading.ts'
import { cleanText, isStorable } from '../../transform/text.ts'
import { compileCell } from './cell.ts'

/** What reading one record found besides its values; one per record, written by its fields. */
export interface Findings {
  notes: readonly string[]
  /** Of the first cell that cannot be read. */
  reason: RejectReason | null
}

/** One field of the row, read out of a record. */
export type Field<T> = (record: JsonObject, findings: Findings) => T

export const noNotes: readonly string[] = []

export const noteIn = (findings: Findings, note: string): void => {
  findings.notes = [...findings.notes, note]
}

const failIn = (findings: Findings, path: string | null, code: string, detail: string): null => {
  findings.reason ??= { code, path, detail }
  return null
}

/** Cells of JSON records that are no text: numbers as digits, booleans as words. Null when the cell is none of these. */
const scalarText = (value: unknown): string | null => {
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'boolean' ? String(value) : null
}

const kindOf = (value: unknown): string => {
  if (typeof value === 'number') return 'a number whose digits are lost; the file must quote it'
  return Array.isArray(value) ? 'an array' : 'an object'
}

const failCell = (findings: Findings, column: string, value: unknown): null =>
  failIn(findings, column, 'invalid-cell', `is ${kindOf(value)}; allowed are text, numbers, true and false`)

const storable = (text: string, findings: Findings): string => {
  if (isStorable(text)) return text
  noteIn(findings, 'characters-replaced')
  return cleanText(text).text
}

/** A cell as text, as the file has it; a cell that cannot be one fails the record. */
export const cellText = (value: unknown, column: string, findings: Findings): Stated<string> => {
  if (typeof value === 'string' || value === undefined || value === null) return value
  return scalarText(value) ?? failCell(findings, column, value)
}

/** Text of a column; null for a blank cell, a placeholder or null, undefined when the record has no such column. */
export const compileTextField = (column: string, readText: (cell: string) => string | null): Field<Stated<string>> => {
  const cell = compileCell(column)
  return (record, findings) => {
    const raw = cellText(cell(record), column, findings)
    if (typeof raw !== 'string') return raw
    const text = readText(raw)
    return text === null ? null : storable(text, findings)
  }
}

/** A field whose text is read further: as a number, an instant, an address. */
export const compileReadField = <T>(
  text: Field<Stated<string>>,
  path: string,
  reader: (text: string) => Reading<T>,
): Field<Stated<T>> => {
  return (record, findings) => {
    const cell = text(record, findings)
    if (typeof cell !== 'string') return cell
    const reading = reader(cell)
    if (reading.kind === 'invalid') return failIn(findings, path, reading.code, reading.detail)
    if (reading.note !== null) noteIn(findings, reading.note)
    return reading.value
  }
}
