import type { Stated } from '../../domain/recording-row.ts'
import { derivedId } from '../../transform/derived-id.ts'
import { trimmed } from '../../transform/text.ts'
import { compileCell } from './cell.ts'
import { cellText, type Field } from './field.ts'

type ReadText = (cell: string) => string | null

type HashedCell = Field<string | null>

/** As the file has it, but for the white space around it: neither placeholders nor U+FFFD may come into an id. */
const compileHashedCell = (column: string): HashedCell => {
  const cell = compileCell(column)
  return (record, findings) => {
    const text = cellText(cell(record), column, findings)
    return typeof text === 'string' ? trimmed(text) : null
  }
}

/** An id derived from columns that together identify the record; null when all of them are blank or placeholders. */
export const compileHashField = (columns: readonly string[], readText: ReadText): Field<Stated<string>> => {
  const cells = columns.map(compileHashedCell)
  return (record, findings) => {
    const values = cells.map((cell) => cell(record, findings))
    return values.every((value) => value === null || readText(value) === null) ? null : derivedId(values)
  }
}
