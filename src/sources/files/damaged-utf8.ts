import { isUtf8 } from 'node:buffer'
import { sequenceLength, unfinishedTail } from './utf8-sequence.ts'

/**
 * Bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF, one a byte (as Python's surrogateescape does): valid
 * UTF-8 never decodes to one, so the exact bytes of every record can be put in quarantine.
 */
const escapeBase = 0xdc00

const undecodable = /[\uDC80-\uDCFF]/u

/** Only for text decoded by `createDamagedUtf8Decoder`: UTF-16 files may hold lone surrogates of their own. */
export const hasUndecodableBytes = (text: string): boolean => undecodable.test(text)

/** The same text, each undecodable byte replaced by one other character: nothing moves. */
export const maskUndecodableBytes = (text: string, mask: string): string => text.replace(/[\uDC80-\uDCFF]/gu, mask)

const decodeAll = (bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString()
  const pieces: string[] = []
  let goodFrom = 0
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      pieces.push(bytes.toString('utf8', goodFrom, at), String.fromCharCode(escapeBase + (bytes[at] ?? 0)))
      goodFrom = at + 1
    }
    at += length || 1
  }
  pieces.push(bytes.toString('utf8', goodFrom))
  return pieces.join('')
}

export interface ChunkDecoder {
  write(bytes: Buffer): string
  end(): string
}

export const createDamagedUtf8Decoder = (): ChunkDecoder => {
  let carried: Buffer = Buffer.alloc(0)
  return {
    write: (chunk) => {
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk])
      const whole = bytes.length - unfinishedTail(bytes)
      carried = Buffer.from(bytes.subarray(whole))
      return decodeAll(bytes.subarray(0, whole))
    },
    end: () => decodeAll(carried),
  }
}

/** The exact bytes that `createDamagedUtf8Decoder` read as this text. */
export const undecodedBytes = (text: string): Buffer => {
  const pieces: Buffer[] = []
  let from = 0
  for (const { index } of text.matchAll(/[\uDC80-\uDCFF]/gu)) {
    pieces.push(Buffer.from(text.slice(from, index)), Buffer.of(text.charCodeAt(index) - escapeBase))
    from = index + 1
  }
  pieces.push(Buffer.from(text.slice(from)))
  return Buffer.concat(pieces)
}
