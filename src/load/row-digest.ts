/** Raised when the same COPY text comes to mean another row: older digests are equal to none then. */
const meaning = 1
const maskBits = 20

/** What is left unstated is part of what a row says, too. `mask`: see keep-mask.ts. */
export const digestSeed = (mask: number): number => (meaning << maskBits) | mask

const [c1, c2, c3, c4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const

const block = 16
const lanes = 4
const laneBytes = 4

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

const mixedFirst = (word: number): number => Math.imul(rotated(Math.imul(word, c1), 15), c2)
const mixedSecond = (word: number): number => Math.imul(rotated(Math.imul(word, c2), 16), c3)
const mixedThird = (word: number): number => Math.imul(rotated(Math.imul(word, c3), 17), c4)
const mixedFourth = (word: number): number => Math.imul(rotated(Math.imul(word, c4), 18), c1)

const finished = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}

/** The bytes behind the last whole block, of one lane. */
const tailOf = (bytes: DataView, at: number, to: number, lane: number): number => {
  let word = 0
  const from = at + lane * laneBytes
  for (let n = Math.min(from + laneBytes, to) - 1; n >= from; n -= 1) word = (word << 8) | bytes.getUint8(n)
  return word
}

const twoTo32 = 2 ** 32
/** The bits of a second word that a number has room for beside a first. */
const restBits = 0x1f_ffff

/**
 * Digest of what a row says, from its COPY text (bytes `from` to `to - 1`): 53 bits of MurmurHash3 (x86, 128 bits). Two different
 * rows have the same once in 9 * 10^15. Written here because it is asked for every row that is loaded, and what calls a library
 * with a part of the bytes makes so much garbage that a load takes some 15 MB more (measured).
 */
export const rowDigest = (bytes: DataView, from: number, to: number, seed: number): number => {
  let [h1, h2, h3, h4] = [seed, seed, seed, seed]
  let at = from
  for (; at + block <= to; at += block) {
    h1 ^= mixedFirst(bytes.getInt32(at, true))
    h1 = (Math.imul(rotated(h1, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= mixedSecond(bytes.getInt32(at + laneBytes, true))
    h2 = (Math.imul(rotated(h2, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= mixedThird(bytes.getInt32(at + 2 * laneBytes, true))
    h3 = (Math.imul(rotated(h3, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= mixedFourth(bytes.getInt32(at + 3 * laneBytes, true))
    h4 = (Math.imul(rotated(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  const length = to - from
  h1 ^= mixedFirst(tailOf(bytes, at, to, 0)) ^ length
  h2 ^= mixedSecond(tailOf(bytes, at, to, 1)) ^ length
  h3 ^= mixedThird(tailOf(bytes, at, to, 2)) ^ length
  h4 ^= mixedFourth(tailOf(bytes, at, to, lanes - 1)) ^ length
  h1 = (h1 + h2 + h3 + h4) | 0
  const second = finished((h2 + h1) | 0)
  const sum = (finished(h1) + second + finished((h3 + h1) | 0) + finished((h4 + h1) | 0)) | 0
  return (sum >>> 0) + ((second + sum) & restBits) * twoTo32
}
