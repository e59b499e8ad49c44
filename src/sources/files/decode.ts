import { StringDecoder } from 'node:string_decoder'
import { type ChunkDecoder, createDamagedUtf8Decoder } from './damaged-utf8.ts'

/** `damaged-utf-8`: UTF-8 with some bytes that are none; they are decoded losslessly (see damaged-utf8.ts). */
export type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'damaged-utf-8'

const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178'

/** Not TextDecoder('windows-1252'): some Node 22 and 23 releases decode 0x80 to 0x9F as Latin-1 control characters. */
const createWindows1252Decoder = (): ChunkDecoder => ({
  write: (bytes) =>
    bytes.toString('latin1').replace(/[\x80-\x9f]/g, (char) => windows1252.charAt(char.charCodeAt(0) - 0x80)),
  end: () => '',
})

/** StringDecoder drops the odd byte of a cut file; it must leave a mark. */
const createUtf16Decoder = (bigEndian: boolean): ChunkDecoder => {
  const decoder = new StringDecoder('utf16le')
  let odd: Buffer = Buffer.alloc(0)
  return {
    write: (chunk) => {
      const bytes = odd.length === 0 ? chunk : Buffer.concat([odd, chunk])
      const even = bytes.length - (bytes.length % 2)
      odd = Buffer.from(bytes.subarray(even))
      return decoder.write(bigEndian ? Buffer.from(bytes.subarray(0, even)).swap16() : bytes.subarray(0, even))
    },
    end: () => decoder.end() + (odd.length === 0 ? '' : '\ufffd'),
  }
}

/** StringDecoder, not TextDecoder: it makes one-byte strings of ASCII, which all that follows handles twice as fast. */
const createDecoder = (encoding: FileEncoding): ChunkDecoder => {
  switch (encoding) {
    case 'utf-8': {
      const decoder = new StringDecoder('utf8')
      return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() }
    }
    case 'damaged-utf-8':
      return createDamagedUtf8Decoder()
    case 'windows-1252':
      return createWindows1252Decoder()
    case 'utf-16le':
      return createUtf16Decoder(false)
    case 'utf-16be':
      return createUtf16Decoder(true)
  }
}

/** Decoded text of content bytes (after decompression), without the byte order mark; never yields an empty string. */
export async function* decoded(
  content: AsyncIterable<Buffer>,
  encoding: FileEncoding,
  bomBytes: number,
): AsyncGenerator<string, void, undefined> {
  const decoder = createDecoder(encoding)
  let bomLeft = bomBytes
  for await (const chunk of content) {
    const text = decoder.write(bomLeft === 0 ? chunk : chunk.subarray(bomLeft))
    bomLeft -= Math.min(bomLeft, chunk.length)
    if (text !== '') yield text
  }
  const last = decoder.end()
  if (last !== '') yield last
}

/** The first text of a file, of its first content bytes; a character cut at the end is left out unless they are all. */
export const decodeHead = (head: Buffer, encoding: FileEncoding, bomBytes: number, complete: boolean): string => {
  const decoder = createDecoder(encoding)
  const text = decoder.write(head.subarray(bomBytes))
  return complete ? text + decoder.end() : text
}
