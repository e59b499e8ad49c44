/** First bytes of what people take for dumps, and what to do instead. */
const magics: readonly (readonly [what: string, at: number, bytes: string])[] = [
  ['a zip archive or Excel workbook (.xlsx)', 0, 'PK\x03\x04'],
  ['an empty zip archive', 0, 'PK\x05\x06'],
  ['an old Excel workbook (.xls)', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a PDF document', 0, '%PDF-'],
  ['a Parquet file', 0, 'PAR1'],
  ['an ORC file', 0, 'ORC\x03'],
  ['an Avro file', 0, 'Obj\x01'],
  ['zstd-compressed', 0, '\x28\xb5\x2f\xfd'],
  ['bzip2-compressed', 4, '\x31\x41\x59\x26\x53\x59'],
  ['xz-compressed', 0, '\xfd7zXZ\x00'],
  ['a 7z archive', 0, '7z\xbc\xaf\x27\x1c'],
  ['compressed twice with gzip', 0, '\x1f\x8b\x08'],
  ['an SQLite database', 0, 'SQLite format 3\x00'],
  ['a PNG image', 0, '\x89PNG\r\n\x1a\n'],
  ['a tar archive', 257, 'ustar'],
]

/** What a known binary format the content is; null when it starts like none. */
export const knownBinary = (head: Buffer): string | null => {
  const found = magics.find(([, at, bytes]) => head.toString('latin1', at, at + bytes.length) === bytes)
  return found?.[0] ?? null
}

const inspectedBytes = 8_192

/** Tab, line feed, form feed, carriage return and Ctrl-Z (the end mark of DOS files) occur in texts. */
const isControl = (byte: number): boolean =>
  byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1a

/** Which UTF-16 it could be: Latin text has a zero in every second byte. */
const zerosAlternate = (bytes: Buffer): 'utf-16le' | 'utf-16be' | null => {
  const zeros = [0, 0]
  bytes.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  })
  const [even = 0, odd = 0] = zeros
  if (odd > bytes.length / 4 && even < odd / 8) return 'utf-16le'
  return even > bytes.length / 4 && odd < even / 8 ? 'utf-16be' : null
}

/**
 * Why the first bytes are no text: UTF-16 without a mark, or control bytes of many kinds (compressed data has one byte in
 * ten), or mostly zeros. Null for text, also where it holds U+0000: that is data. Not to be asked of UTF-16.
 */
export const binaryBytes = (head: Buffer): 'utf-16le' | 'utf-16be' | 'controls' | null => {
  const bytes = head.subarray(0, inspectedBytes)
  const controls = bytes.filter(isControl)
  if (controls.length <= 8 || controls.length < bytes.length / 20) return null
  const zeros = controls.filter((byte) => byte === 0).length
  const isNoise = new Set(controls).size > 3 || zeros > bytes.length / 2
  return zerosAlternate(bytes) ?? (isNoise ? 'controls' : null)
}
