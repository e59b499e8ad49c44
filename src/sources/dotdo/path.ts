import type { Stated } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import type { Reading } from '../../transform/reading.ts'
import { compileCell } from '../files/cell.ts'

type AtPath<T> = (record: JsonObject, notes: Notes) => Stated<T>

/** The text that a dotted path leads to: undefined where it breaks off, as it does at a reference that was not expanded. */
export const compilePathText = (path: string): AtPath<string> => {
  const cell = compileCell(path)
  const text = compileTextMember('value')
  return (record, notes) => text({ value: cell(record) }, notes)
}

export const compilePathReader = <T>(path: string, reader: (text: string) => Reading<T>): AtPath<T> => {
  const cell = compileCell(path)
  const read = compileReadMember('value', reader, null)
  return (record, notes) => read({ value: cell(record) }, notes)
}
