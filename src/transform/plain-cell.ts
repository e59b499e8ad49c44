/**
 * Cells in the form in which most dumps write them, judged by their bytes: what these functions accept, the readers of
 * text read to the same value, and the warehouse takes as it is written. Anything else is left to the readers.
 */

/** `bytes[from]` to `bytes[to - 1]`, at least one byte. */
export type PlainCell = (bytes: Uint8Array, from: number, to: number) => boolean

/** Outermost bytes that no trim would remove. */
export const isTrimmed: PlainCell = (bytes, from, to) => isInk(bytes[from] ?? 0) && isInk(bytes[to - 1] ?? 0)

const isInk = (byte: number): boolean => byte > 0x20 && byte < 0x7f

/** Short ASCII: it is a key of an index as it is, and its bytes are its UTF-16 units. */
export const isPlainId: PlainCell = (bytes, from, to) => {
  if (to - from > longestId || !isTrimmed(bytes, from, to)) return false
  for (let at = from; at < to; at += 1) if ((bytes[at] ?? 0) >= 0x7f) return false
  return true
}

const longestId = 500

const zero = 48
const daysIn = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Two digits; anything else is more than any part of a date. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = (bytes[at] ?? 0) - zero
  const ones = (bytes[at + 1] ?? 0) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000
}

/** `YYYY-MM-DDTHH:MM:SSZ`, with up to six digits of a fraction, of 1900 to 2199. 29 February is left to the readers. */
export const isPlainInstant: PlainCell = (bytes, from, to) => {
  const length = to - from
  if (length < 20 || length > 27 || length === 21 || bytes[to - 1] !== 90) return false
  if (bytes[from + 4] !== 45 || bytes[from + 7] !== 45 || bytes[from + 10] !== 84) return false
  if (bytes[from + 13] !== 58 || bytes[from + 16] !== 58) return false
  const century = two(bytes, from)
  if ((century !== 19 && century !== 20 && century !== 21) || two(bytes, from + 2) > 99) return false
  const month = two(bytes, from + 5)
  const day = two(bytes, from + 8)
  if (day === 0 || day > (daysIn[month] ?? 0)) return false
  if (two(bytes, from + 11) > 23 || two(bytes, from + 14) > 59 || two(bytes, from + 17) > 59) return false
  return length === 20 || (bytes[from + 19] === 46 && areDigits(bytes, from + 20, to - 1))
}

const areDigits: PlainCell = (bytes, from, to) => {
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - zero
    if (digit < 0 || digit > 9) return false
  }
  return true
}

/** E.164. */
export const isPlainPhone: PlainCell = (bytes, from, to) =>
  bytes[from] === 43 && bytes[from + 1] !== zero && to - from >= 8 && to - from <= 16 && areDigits(bytes, from + 1, to)

/** Whole seconds, without a zero in front of them. */
export const isPlainDuration: PlainCell = (bytes, from, to) =>
  to - from <= 9 && (bytes[from] !== zero || to - from === 1) && areDigits(bytes, from, to)

/** The word in any case; it is of lower-case letters. */
export const isWord = (word: string, bytes: Uint8Array, from: number, to: number): boolean => {
  if (to - from !== word.length) return false
  for (let at = from; at < to; at += 1) if (((bytes[at] ?? 0) | 0x20) !== word.charCodeAt(at - from)) return false
  return true
}

/** Bytes of a host (1) and of the path behind it (2), as in `plainAddress` of signed-link.ts. */
const inAddress = new Uint8Array(256)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') inAddress[char.charCodeAt(0)] = 3
for (const char of '.-') inAddress[char.charCodeAt(0)] = 3
for (const char of "_~!$'()*+,:@/") inAddress[char.charCodeAt(0)] = 2

const isAlphanumeric = (byte: number): boolean => inAddress[byte] === 3 && byte !== 45 && byte !== 46

const http = [104, 116, 116, 112]

/** `http(s)://host/path` without anything that would have to be decoded. */
export const isPlainAddress: PlainCell = (bytes, from, to) => {
  for (let n = 0; n < http.length; n += 1) if (bytes[from + n] !== http[n]) return false
  let at = bytes[from + 4] === 115 ? from + 5 : from + 4
  if (bytes[at] !== 58 || bytes[at + 1] !== 47 || bytes[at + 2] !== 47) return false
  at += 3
  const host = at
  while (at < to && inAddress[bytes[at] ?? 0] === 3) at += 1
  if (at === host || bytes[at] !== 47 || at >= to) return false
  if (!isAlphanumeric(bytes[host] ?? 0) || !isAlphanumeric(bytes[at - 1] ?? 0)) return false
  for (; at < to; at += 1) if (((inAddress[bytes[at] ?? 0] ?? 0) & 2) === 0) return false
  return true
}
