import { copyNull } from './copy-text.ts'

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
const powers = Int32Array.from({ length: digitsAtOnce }, (_, n) => 10 ** n)

/** A whole number from 0 on, with zeros in front up to `least` digits. */
export const putNumber = (out: Uint8Array, at: number, value: number, least = 1): number => {
  if (value >= valueAtOnce) {
    const high = Math.floor(value / valueAtOnce)
    return putNumber(out, putNumber(out, at, high), value - high * valueAtOnce, digitsAtOnce)
  }
  let length = least
  while (length < digitsAtOnce && value >= (powers[length] ?? 0)) length += 1
  let rest = value | 0
  for (let n = at + length - 1; n >= at; n -= 1) {
    const tenth = (rest / 10) | 0
    out[n] = zero + rest - tenth * 10
    rest = tenth
  }
  return at + length
}

/** Any whole number, or null. */
export const putWhole = (out: Buffer, at: number, value: number | null): number =>
  value !== null && value >= 0 ? putNumber(out, at, value) : at + out.write(String(value ?? copyNull), at, 'latin1')
