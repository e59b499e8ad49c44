import { scaleLinear, scaleUtc } from 'd3-scale'
import { DateTime } from 'luxon'
import { fragment, type Markup, tag } from './markup.ts'
import { textWidth } from './text-width.ts'
import { count } from './words.ts'

const dayMs = 86_400_000

export interface Placed {
  readonly at: number
  readonly text: string
}

interface Laid extends Placed {
  readonly start: number
  readonly end: number
}

const gap = 4

const touches = (labels: readonly Laid[]): boolean =>
  labels.some(({ start }, index) => start < (labels[index - 1]?.end ?? Number.NEGATIVE_INFINITY) + gap)

/** Labels under an axis: at its ends they stand inside; where they would touch, every second, third, ... is shown. */
export const labelsUnder = (labels: readonly Placed[], y: number, left: number, right: number): Markup => {
  const laid = labels.map(({ at, text }) => {
    const width = textWidth(text)
    const start = Math.max(Math.min(at - width / 2, right - width), left)
    return { at, text, start, end: start + width }
  })
  const every = (stride: number) => laid.filter((_, index) => index % stride === 0)
  const stride = laid.findIndex((_, index) => !touches(every(index + 1))) + 1
  const shown = every(Math.max(stride, 1)).map(({ start, end, text }) =>
    tag('text', { x: (start + end) / 2, y, class: 'tick', 'text-anchor': 'middle' }, text),
  )
  return fragment(...shown)
}

const formatFor = (ticks: readonly Date[]): ((tick: DateTime, isFirst: boolean) => string) => {
  const [first, second] = ticks
  const step = first === undefined || second === undefined ? dayMs : second.getTime() - first.getTime()
  if (step >= 360 * dayMs) return (tick) => tick.toFormat('yyyy')
  if (step >= 27 * dayMs) return (tick, isFirst) => tick.toFormat(isFirst || tick.month === 1 ? 'LLL yyyy' : 'LLL')
  if (step >= dayMs) return (tick) => tick.toFormat('d LLL')
  return (tick, isFirst) => tick.toFormat(isFirst || tick.hour === 0 ? 'd LLL HH:mm' : 'HH:mm')
}

/** Ticks of a time axis, in milliseconds as UTC has them. */
export const timeTicks = (from: number, to: number, width: number): readonly Placed[] => {
  const scale = scaleUtc([from, to], [0, width])
  // Days are the smallest that is plotted: below two of them there is one label, of the day.
  const all = to - from < 2 * dayMs ? [new Date(from)] : scale.ticks(Math.max(2, Math.floor(width / 90)))
  const ticks = all.filter((tick) => to - from < 2 * dayMs || tick.getTime() % dayMs === 0)
  const format = formatFor(ticks)
  return ticks.map((tick, index) => {
    const time = DateTime.fromMillis(tick.getTime(), { zone: 'UTC', locale: 'en' })
    return { at: scale(tick), text: format(time, index === 0) }
  })
}

export interface CountAxis {
  readonly y: (value: number) => number
  /** Where the plot begins, right of its numbers. */
  readonly left: number
  readonly marks: Markup
}

/** An axis of counts at the left, from nothing at the bottom to `most`, with a line across for each number. */
export const countAxis = (
  most: number,
  { top, height, width }: Readonly<Record<'top' | 'height' | 'width', number>>,
): CountAxis => {
  const y = scaleLinear([0, Math.max(most, 1)], [top + height, top]).nice(4)
  const ticks = y.ticks(4).filter(Number.isInteger)
  const left = Math.max(...ticks.map((tick) => textWidth(count(tick)))) + 8
  const marks = ticks.map((tick) =>
    fragment(
      tag('line', { class: tick === 0 ? 'axis' : 'grid', x1: left, x2: width, y1: y(tick), y2: y(tick) }),
      tag('text', { class: 'tick', x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, count(tick)),
    ),
  )
  return { y, left, marks: fragment(...marks) }
}
