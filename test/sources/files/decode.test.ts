import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createDamagedUtf8Decoder,
  hasUndecodableBytes,
  undecodedBytes,
} from '../../../src/sources/files/damaged-utf8.ts'
import { decoded, type FileEncoding } from '../../../src/sources/files/decode.ts'
import { createUtf8Inspector } from '../../../src/sources/files/detect-encoding.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const decodeAll = async (bytes: Buffer, encoding: FileEncoding, size: number): Promise<string> => {
  let text = ''
  for await (const chunk of decoded(pieces(bytes, size), encoding, 0)) text += chunk
  return text
}

const lossless = (bytes: Buffer, size: number): string => {
  const decoder = createDamagedUtf8Decoder()
  let text = ''
  for (let at = 0; at < bytes.length; at += size) text += decoder.write(bytes.subarray(at, at + size))
  return text + decoder.end()
}

/** Bytes near the borders of what UTF-8 allows. */
const byte = fc.oneof(
  fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff),
  fc.integer({ min: 0, max: 255 }),
)
const bytes = fc.array(byte, { maxLength: 40 }).map((values) => Buffer.from(values))
const size = fc.integer({ min: 1, max: 7 })

describe('damaged UTF-8', () => {
  test('an undecodable byte is one lone surrogate, the rest is text', () => {
    expect(lossless(Buffer.from([0x41, 0xff, 0xc3, 0xa9, 0xe2, 0x82]), 6)).toBe('A\udcffé\udce2\udc82')
  })

  test('any bytes in any chunks come back exactly', () => {
    fc.assert(
      fc.property(bytes, size, (input, cut) => {
        const text = lossless(input, cut)
        expect(text).toBe(lossless(input, 1_000))
        expect(undecodedBytes(text)).toEqual(input)
      }),
      { numRuns: 5_000 },
    )
  })

  test('valid UTF-8 decodes as ever, anything else has undecodable bytes', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const text = lossless(input, 1_000)
        const isValid = Buffer.from(input.toString()).equals(input)
        expect(hasUndecodableBytes(text)).toBe(!isValid)
        if (isValid) expect(text).toBe(input.toString())
      }),
      { numRuns: 5_000 },
    )
  })

  test('is seen wherever the chunks end', () => {
    fc.assert(
      fc.property(bytes, size, (input, cut) => {
        const inspector = createUtf8Inspector()
        for (let at = 0; at < input.length; at += cut) inspector.push(input.subarray(at, at + cut))
        const text = lossless(input, 1_000)
        expect(inspector.end()).toEqual({
          invalid: hasUndecodableBytes(text),
          multibyte: /[^\p{ASCII}\uDC80-\uDCFF]/u.test(text),
        })
      }),
      { numRuns: 5_000 },
    )
  })
})

test.each<[FileEncoding, Buffer]>([
  ['utf-8', Buffer.from('aé€😀z')],
  ['damaged-utf-8', Buffer.from('aé€😀z')],
  ['utf-16le', Buffer.from('aé€😀z', 'utf16le')],
  ['utf-16be', Buffer.from('aé€😀z', 'utf16le').swap16()],
])('%s is decoded in chunks of any size', async (encoding, input) => {
  for (const cut of [1, 2, 3, 5, 100]) expect(await decodeAll(input, encoding, cut)).toBe('aé€😀z')
})

test('Windows-1252 has its own characters where Latin-1 has controls', async () => {
  expect(await decodeAll(Buffer.from([0x80, 0x85, 0x92, 0x9f, 0xa0, 0xff, 0x81]), 'windows-1252', 2)).toBe(
    '€…’Ÿ\u00a0ÿ\u0081',
  )
})
