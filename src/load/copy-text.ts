import type { EpochMicros } from '../domain/instant.ts'
import { formatInstant } from '../transform/instant.ts'

/** COPY text format: one line a row, tab between columns, \N for null, backslash escapes. */

/** Everything COPY or Postgres text cannot take as it is; surrogates are looked at more closely. */
const special = /[\\\t\n\r\0\ud800-\udfff]/

/**
 * U+0000 and lone surrogates, which Postgres text cannot hold, become U+FFFD: readers have replaced and counted them
 * already; here it keeps one forgotten character from failing a whole batch.
 */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')

export const storableOrNull = (text: string | null): string | null => (text === null ? null : storable(text))

/** A column value of COPY text. */
export const copyText = (value: string): string => (special.test(value) ? escaped(value) : value)

const escaped = (value: string): string =>
  storable(value).replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')

export const copyNull = '\\N'

export const textOrNull = (value: string | null | undefined): string => (value == null ? copyNull : copyText(value))

export const instantOrNull = (value: EpochMicros | null | undefined): string =>
  value == null ? copyNull : formatInstant(value)
