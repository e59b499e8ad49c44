import type { VolumeCell } from '../load/report-data.ts'
import { countAxis, labelsUnder, timeTicks } from './axes.ts'
import { directions } from './directions.ts'
import type { Figure } from './figure.ts'
import { fragment, type Markup, tag } from './markup.ts'
import type { Period, PeriodLength, Periods } from './periods.ts'
import { count } from './words.ts'

/** Rows of one period, in the order of `directions`. */
interface Bar extends Period {
  readonly parts: readonly number[]
  readonly rows: number
}

const barsOf = (cells: readonly VolumeCell[], { all, indexOf }: Periods): readonly Bar[] => {
  const parts = all.map(() => directions.map(() => 0))
  for (const { day, direction, rows } of cells) {
    const counts = parts[indexOf(day) ?? -1]
    const place = directions.findIndex((entry) => entry.direction === direction)
    if (counts !== undefined) counts[place] = (counts[place] ?? 0) + rows
  }
  return all.map((period, index) => {
    const counts = parts[index] ?? []
    return { ...period, parts: counts, rows: counts.reduce((sum, rows) => sum + rows, 0) }
  })
}

const barTitle = ({ name, parts }: Bar): string => {
  const named = directions.flatMap((entry, index) => {
    const part = parts[index] ?? 0
    return part === 0 ? [] : [`${count(part)} ${entry.name}`]
  })
  return `${name}: ${named.join(', ')}`
}

const plotHeight = 220
const top = 12

interface Scales {
  readonly x: (at: number) => number
  readonly y: (rows: number) => number
}

const barMarkup = (bar: Bar, { x, y }: Scales): Markup => {
  const [left, right] = [x(bar.start), x(bar.end)]
  const gap = right - left > 4 ? 1 : 0
  // One recording alone must not be a line, nor fill the page.
  const width = Math.min(right - left - gap, 80)
  const start = left + (right - left - width) / 2
  let below = 0
  const rects = directions.flatMap(({ fill }, index) => {
    const part = bar.parts[index] ?? 0
    const [from, to] = [y(below), y(below + part)]
    below += part
    return part === 0 ? [] : [tag('rect', { class: fill, x: start, y: to, width, height: Math.max(from - to, 0.5) })]
  })
  // The whole column answers to the pointer.
  const column = tag('rect', { class: 'pointer', x: left, y: top, width: right - left, height: plotHeight })
  return tag('g', { class: 'bar' }, tag('title', {}, barTitle(bar)), column, ...rects)
}

const draw =
  (bars: readonly Bar[], length: PeriodLength) =>
  (width: number): { readonly height: number; readonly marks: Markup } => {
    const most = Math.max(...bars.map(({ rows }) => rows))
    const { y, left, marks: axis } = countAxis(most, { top, height: plotHeight, width })
    const [start, end] = [bars[0]?.start ?? 0, bars.at(-1)?.end ?? 1]
    const x = (at: number) => left + ((at - start) / (end - start)) * (width - left)
    // A label stands under the middle of its bar. Weeks begin on any day of a month: theirs stand where the day is.
    const middle = length === 'week' ? 0 : (width - left) / bars.length / 2
    const labels = timeTicks(start, end, width - left).map(({ at, text }) => ({ at: at + left + middle, text }))
    const marks = bars.filter(({ rows }) => rows > 0).map((bar) => barMarkup(bar, { x, y }))
    const bottom = top + plotHeight + 20
    return { height: bottom + 8, marks: fragment(axis, ...marks, labelsUnder(labels, bottom, left, width)) }
  }

const summaryOf = (bars: readonly Bar[], { length }: Periods): string => {
  const total = bars.reduce((sum, { rows }) => sum + rows, 0)
  const busiest = bars.reduce<Bar | undefined>((a, b) => (a === undefined || b.rows > a.rows ? b : a), undefined)
  if (busiest === undefined || total === 0) return 'No recording or message began in this time.'
  const mean = count(Math.round(total / bars.length))
  return `${count(total)} recordings and messages, ${mean} a ${length} on average; the most, ${count(busiest.rows)}, ${busiest.name}.`
}

export const volumeFigure = (cells: readonly VolumeCell[], periods: Periods): Figure => {
  const bars = barsOf(cells, periods)
  const isEmpty = bars.every(({ rows }) => rows === 0)
  return {
    id: 'volume',
    title: `Volume per ${periods.length}`,
    summary: summaryOf(bars, periods),
    size: 'full',
    legend: directions,
    draw: isEmpty ? null : draw(bars, periods.length),
    table: {
      head: [periods.length, ...directions.map(({ name }) => name), 'all'],
      rows: bars.filter(({ rows }) => rows > 0).map(({ name, parts, rows }) => [name, ...parts, rows]),
    },
  }
}
