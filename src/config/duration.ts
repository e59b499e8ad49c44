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

const notDuration = 'is not a duration; allowed: a whole number and its unit, such as 90d, 12h, 30m or 45s'

/** A duration as operators write it; its output is milliseconds. */
export const duration = z
  .string(notDuration)
  .regex(durationPattern, notDuration)
  .transform((text) => parseDuration(text) ?? Number.NaN)
