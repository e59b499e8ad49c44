import type { EpochMicros } from '../domain/instant.ts'

const decimalsOf = { unix_s: 6, unix_ms: 3, unix_us: 0 } as const

export type UnixFormat = keyof typeof decimalsOf

export const isUnixFormat = (format: string): format is UnixFormat => Object.hasOwn(decimalsOf, format)

const number = /^(-?\d{1,16})(?:\.(\d{1,30}))?$/

/** Reads a count since 1970; null for anything but decimal digits. A fraction is cut to microseconds. */
export const compileUnixFormat = (format: UnixFormat): ((text: string) => EpochMicros | null) => {
  const decimals = decimalsOf[format]
  return (text) => {
    const match = number.exec(text)
    if (match === null) return null
    const fraction = (match[2] ?? '').slice(0, decimals).padEnd(decimals, '0')
    return Number(`${match[1]}${fraction}`)
  }
}
