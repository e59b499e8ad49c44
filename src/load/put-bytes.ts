/** Writing into a buffer of COPY text; all return where what they wrote ends. Loops beat native copies of a few bytes. */

export const put = (out: Uint8Array, at: number, bytes: Uint8Array): number => {
  for (let n = 0; n < bytes.length; n += 1) out[at + n] = bytes[n] ?? 0
  return at + bytes.length
}

/** Copies `bytes[from]` to `bytes[to - 1]`. */
export const putCell = (out: Uint8Array, at: number, bytes: Uint8Array, from: number, to: number): number => {
  const shift = at - from
  for (let n = from; n < to; n += 1) out[n + shift] = bytes[n] ?? 0
  return at + to - from
}

const zero = 48

/** What 32 bits can hold of a number, as digits. */
const digitsAtOnce = 8
const valueAtOnce = 10 ** digitsAtOnce

/** A whole number from 0 on, with zeros in front up to `least` digits. */
export const putNumber = (out: Uint8Array, at: number, value: number, least = 1): number => {
  if (value >= valueAtOnce) {
    const high = Math.floor(value / valueAtOnce)
    return putNumber(out, putNumber(out, at, high), value - high * valueAtOnce, digitsAtOnce)
  }
  let length = least
  for (let limit = 10 ** least; limit <= value; limit *= 10) length += 1
  let rest = value | 0
  for (let n = at + length - 1; n >= at; n -= 1) {
    const tenth = (rest / 10) | 0
    out[n] = zero + rest - tenth * 10
    rest = tenth
  }
  return at + length
}
