import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { FileFormat } from './file-format.ts'
import type { Cell } from './shape-row.ts'

const pieceLength = 65_536

/** The bytes of a file whose rows come one by one; never more of it in memory than a piece. */
export const fileContent = (
  format: FileFormat,
  rows: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<Buffer, void, undefined> => (format.gzip ? gzipped(pieces(format, rows)) : pieces(format, rows))

async function* pieces(
  format: FileFormat,
  rows: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<Buffer, void, undefined> {
  let piece = format.head
  let place = 0
  for await (const cells of rows) {
    piece += format.row(cells, place)
    place += 1
    if (piece.length >= pieceLength) {
      yield Buffer.from(piece)
      piece = ''
    }
  }
  piece += format.tail
  if (piece !== '') yield Buffer.from(piece)
}

async function* gzipped(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gzip = createGzip()
  // What goes wrong with the content ends the stream with the same error, which the reader below throws.
  pipeline(Readable.from(content), gzip).catch(() => undefined)
  yield* gzip
}
