/** COPY text format: one line a row, tab between columns, \N for null, backslash escapes. */

/** Everything COPY or Postgres text cannot take as it is; surrogates are looked at more closely. */
const special = /[\\\t\n\r\0\ud800-\udfff]/

/**
 * A column value of COPY text. U+0000 and lone surrogates, which Postgres text cannot hold, become U+FFFD: readers have
 * replaced and counted them already; here it keeps one forgotten character from failing a whole batch.
 */
export const copyText = (value: string): string => (special.test(value) ? escaped(value) : value)

const escaped = (value: string): string =>
  value
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')

export const copyNull = '\\N'

const pieceLength = 65_536

/** Joins encoded rows to buffers of about 64 kB: large enough for few writes, small enough to stay out of large-object space. */
export function* copyPieces<T>(items: Iterable<T>, encode: (item: T) => string): Generator<Buffer, void, undefined> {
  let piece = ''
  for (const item of items) {
    piece += encode(item)
    if (piece.length >= pieceLength) {
      yield Buffer.from(piece)
      piece = ''
    }
  }
  if (piece !== '') yield Buffer.from(piece)
}
