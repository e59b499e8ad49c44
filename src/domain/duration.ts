import { z } from 'zod'

const millisecondsPer = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const durationPattern = /^([1-9][0-9]{0,5})(s|m|h|d)$/

const isUnit = (text: string | undefined): text is keyof typeof millisecondsPer =>
  text !== undefined && text in millisecondsPer

/** Milliseconds of `90d`, `12h`, `30m`, `45s`; null when the text is no such duration. */
export const parseDuration = (text: string): number | null => {
  const [, amount, unit] = durationPattern.exec(text) ?? []
  return amount === undefined || !isUnit(unit) ? null : Number(amount) * millisecondsPer[unit]
}

/** The one name of a duration of whole seconds, in the largest unit that fits: `1d` for 24 hours, `90m` for ninety minutes. */
export const durationName = (milliseconds: number): string => {
  const { d, h, m, s } = millisecondsPer
  if (milliseconds % d === 0) return `${milliseconds / d}d`
  if (milliseconds % h === 0) return `${milliseconds / h}h`
  return milliseconds % m === 0 ? `${milliseconds / m}m` : `${milliseconds / s}s`
}

const notDuration = 'is not a duration; allowed: a whole number and its unit, such as 90d, 12h, 30m or 45s'

const written = z.string(notDuration).regex(durationPattern, notDuration)

/** A duration as operators write it; its output is milliseconds. */
export const duration = written.transform((text) => parseDuration(text) ?? Number.NaN)

/** The same; its output is microseconds. */
export const durationMicros = written.transform((text) => (parseDuration(text) ?? Number.NaN) * 1000)
