import type { EpochMicros } from '../../domain/instant.ts'

/** In milliseconds, as times of calls are written; closed, unless `to` itself is left out of it. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly isOpen: boolean
}

/** A call that an answer has shown, by its place on the axis. */
export interface Shown {
  readonly id: string
  readonly at: EpochMicros
}

/** What is asked for at a time. */
export interface Part {
  /** Of the axis of the listing. */
  readonly along: Span
  /** Of the other time of calls, where the axis cannot be cut any more; null = whatever it is. Open. */
  readonly beside: Span | null
  /** What is known to lie in it. */
  readonly shown: readonly Shown[]
}

export const microsPerMilli = 1000

/** They share the middle, so that nothing lies between them. Null when it is a millisecond. */
const halvesOf = ({ from, to, isOpen }: Span): readonly Span[] | null => {
  const middle = from + Math.floor((to - from) / 2)
  if (middle > from) {
    return [
      { from, to: middle, isOpen: false },
      { from: middle, to, isOpen },
    ]
  }
  return to === from || isOpen
    ? null
    : [
        { from, to, isOpen: true },
        { from: to, to, isOpen: false },
      ]
}

export const isMillisecond = (span: Span): boolean => halvesOf(span) === null

const isIn = ({ from, to, isOpen }: Span, { at }: Shown): boolean =>
  at >= from * microsPerMilli && (isOpen ? at < to * microsPerMilli : at <= to * microsPerMilli)

/** Where half of what was shown lies before it; without any in the middle. */
const cutAt = ({ from, to }: Span, shown: readonly number[]): number => {
  const sorted = shown.filter((at) => at >= from && at < to).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? from + Math.floor((to - from) / 2)
  return Math.max(median, from + 1)
}

const besideHalves = (span: Span, shown: readonly number[]): readonly Span[] | null => {
  if (span.to - span.from <= 1) return null
  const middle = cutAt(span, shown)
  return [
    { from: span.from, to: middle, isOpen: true },
    { from: middle, to: span.to, isOpen: true },
  ]
}

/**
 * Both halves of a part; those of a millisecond by the other time of its calls, for which `everything` is all there may be,
 * and `besides` what an answer has shown of it, in milliseconds. That one moves when a call changes, so it is expected of no
 * half that it shows what was shown before. Null when nothing is left to cut.
 */
export const cutInHalf = (part: Part, everything: Span, besides: readonly number[] = []): readonly Part[] | null => {
  const { along, beside, shown } = part
  const halves = halvesOf(along)
  if (halves !== null)
    return halves.map((half) => ({ along: half, beside: null, shown: shown.filter((one) => isIn(half, one)) }))
  return besideHalves(beside ?? everything, besides)?.map((half) => ({ along, beside: half, shown: [] })) ?? null
}
