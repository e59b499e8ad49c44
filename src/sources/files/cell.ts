import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'

/** The value of one column of a record; undefined when the record has no such column. */
export type Cell = (record: JsonObject) => unknown

/** Own members only: a column called `constructor` or `toString` is absent unless the record has it. */
const own = (record: JsonObject, name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined)

const arrayIndex = /^\d{1,9}$/

const member = (value: unknown, name: string): unknown => {
  if (isJsonObject(value)) return own(value, name)
  return Array.isArray(value) && arrayIndex.test(name) ? value[Number(name)] : undefined
}

/** Null as soon as the path meets a null: where there is no customer, there is no number of one. */
const follow = (record: JsonObject, path: readonly string[]): unknown => {
  let value: unknown = record
  for (const name of path) {
    if (value === null) return null
    value = member(value, name)
  }
  return value
}

/** A column by its exact name, else as a dotted path into objects and arrays (`call.customer.number`, `parts.0.id`). */
export const compileCell = (column: string): Cell => {
  if (!column.includes('.')) return (record) => own(record, column)
  const path = column.split('.')
  return (record) => (Object.hasOwn(record, column) ? record[column] : follow(record, path))
}
