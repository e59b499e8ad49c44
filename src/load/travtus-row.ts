import { type TravtusField, travtusFields } from '../domain/recording-row.ts'

/** The fields that are no text in the table. */
const asText: Readonly<Partial<Record<TravtusField, (row: string) => string>>> = {
  created_at: (row) => `to_char(${row}.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')`,
  call_duration_in_sec: (row) => `${row}.call_duration_in_sec::text`,
}

const textOf = (field: TravtusField, row: string): string => asText[field]?.(row) ?? `${row}.${field}`

/**
 * SQL: the 14 fields of a row of call_recordings, whose alias is `row`, as the view travtus_call_recordings has them (a test
 * compares the two).
 */
export const travtusColumns = (row: string): string =>
  travtusFields.map((field) => `${textOf(field, row)} as ${field}`).join(', ')

/** SQL: SHA-256 of the fields. A composite value as text tells null from an empty text, and where each field ends. */
export const travtusHash = (row: string): string =>
  `sha256(convert_to(row(${travtusFields.map((field) => textOf(field, row)).join(', ')})::text, 'UTF8'))`
