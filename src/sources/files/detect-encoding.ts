import { isAscii, isUtf8 } from 'node:buffer'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { FileEncoding } from './decode.ts'
import type { FilesSettings } from './settings.ts'
import { sequenceLength, unfinishedTail } from './utf8-sequence.ts'

type DeclaredEncoding = FilesSettings['encoding']

export interface ByteOrderMark {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be'
  readonly bytes: number
}

export const byteOrderMark = (head: Uint8Array): ByteOrderMark | null => {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 }
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 }
  return null
}

/** What all bytes of a content show about UTF-8. */
export interface Utf8Evidence {
  /** At least one valid sequence of two or more bytes. */
  readonly multibyte: boolean
  /** At least one byte that is no UTF-8. */
  readonly invalid: boolean
}

export interface Utf8Inspector {
  push(chunk: Buffer): void
  end(): Utf8Evidence
}

/** Native checks per chunk; only a chunk that fails them is looked at byte by byte, until both facts are known. */
export const createUtf8Inspector = (): Utf8Inspector => {
  let multibyte = false
  let invalid = false
  let carried: Buffer = Buffer.alloc(0)

  const walk = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length && !(multibyte && invalid); ) {
      const length = sequenceLength(bytes, at)
      multibyte ||= length > 1
      invalid ||= length === 0
      at += length || 1
    }
  }
  const inspect = (bytes: Buffer): void => {
    if ((multibyte && invalid) || isAscii(bytes)) return
    if (isUtf8(bytes)) multibyte = true
    else walk(bytes)
  }
  return {
    push: (chunk) => {
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk])
      const whole = bytes.length - unfinishedTail(bytes)
      carried = Buffer.from(bytes.subarray(whole))
      inspect(bytes.subarray(0, whole))
    },
    end: () => {
      inspect(carried)
      return { multibyte, invalid }
    },
  }
}

/** Declared wins over found, found is by byte order mark, else by the bytes. Throws when declaration and mark differ. */
export const decideEncoding = (
  name: string,
  declared: DeclaredEncoding,
  mark: ByteOrderMark | null,
  evidence: Utf8Evidence,
): FileEncoding => {
  if (mark !== null && declared !== 'auto' && declared !== mark.encoding) {
    throw new SourceProtocolError(
      `${name}: the settings say encoding ${declared}, but the file starts with the byte order mark of ${mark.encoding}; ` +
        `set encoding: ${mark.encoding}, or auto`,
    )
  }
  const stated = mark?.encoding ?? declared
  if (stated === 'utf-8') return evidence.invalid ? 'damaged-utf-8' : 'utf-8'
  if (stated !== 'auto') return stated
  if (!evidence.invalid) return 'utf-8'
  return evidence.multibyte ? 'damaged-utf-8' : 'windows-1252'
}
