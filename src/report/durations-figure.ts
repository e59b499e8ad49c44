import type { DurationCell } from '../load/report-data.ts'
import { countAxis, labelsUnder } from './axes.ts'
import type { Figure } from './figure.ts'
import { fragment, type Markup, tag } from './markup.ts'
import { count, duration, percent } from './words.ts'

/** Where bars begin, in seconds: calls of a minute differ by seconds, those of an hour do not. */
const edges = [0, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600]
const edgeNames = ['0', '5s', '15s', '30s', '1m', '2m', '5m', '10m', '20m', '30m', '1h']

interface Bin {
  readonly name: string
  readonly rows: number
}

type KnownCell = DurationCell & { readonly seconds: number }

const known = (cells: readonly DurationCell[]): readonly KnownCell[] =>
  cells.flatMap(({ seconds, rows }) => (seconds === null ? [] : [{ seconds, rows }]))

const sum = (cells: readonly { readonly rows: number }[]): number => cells.reduce((total, { rows }) => total + rows, 0)

const binName = (index: number): string => {
  const [from, to] = [edges[index] ?? 0, edges[index + 1]]
  if (to === undefined) return `${duration(from)} and longer`
  return index === 0 ? `under ${duration(to)}` : `${duration(from)} to ${duration(to)}`
}

const binsOf = (cells: readonly KnownCell[]): readonly Bin[] =>
  edges.map((from, index) => {
    const to = edges[index + 1] ?? Number.POSITIVE_INFINITY
    return { name: binName(index), rows: sum(cells.filter(({ seconds }) => seconds >= from && seconds < to)) }
  })

/** The duration that this share of the recordings does not exceed; null when none is known. Cells come in order. */
export const quantile = (cells: readonly DurationCell[], share: number): number | null => {
  const all = known(cells)
  const wanted = sum(all) * share
  let seen = 0
  for (const { seconds, rows } of all) {
    seen += rows
    if (seen >= wanted) return seconds
  }
  return null
}

const plotHeight = 200
const top = 12

const draw =
  (bins: readonly Bin[]) =>
  (width: number): { readonly height: number; readonly marks: Markup } => {
    const total = sum(bins)
    const most = Math.max(...bins.map(({ rows }) => rows))
    const { y, left, marks: axis } = countAxis(most, { top, height: plotHeight, width })
    const step = (width - left) / bins.length
    const bars = bins.map(({ name, rows }, index) => {
      const x = left + index * step
      const bar = { class: 'single', x: x + 1, y: y(rows), width: step - 2, height: top + plotHeight - y(rows) }
      return tag(
        'g',
        { class: 'bar' },
        tag('title', {}, `${name}: ${count(rows)} (${percent(rows, total)})`),
        tag('rect', { class: 'pointer', x, y: top, width: step, height: plotHeight }),
        rows === 0 ? null : tag('rect', bar),
      )
    })
    const labels = edgeNames.map((text, index) => ({ at: left + index * step, text }))
    const bottom = top + plotHeight + 20
    return { height: bottom + 8, marks: fragment(axis, ...bars, labelsUnder(labels, bottom, left, width)) }
  }

const summaryOf = (cells: readonly DurationCell[]): string => {
  const [median, most] = [quantile(cells, 0.5), quantile(cells, 0.9)]
  const unknown = sum(cells.filter(({ seconds }) => seconds === null))
  const without = unknown === 0 ? '' : ` Of ${count(unknown)} the duration is unknown.`
  if (median === null || most === null) return `No recording of a known duration.${without}`
  return `Half of the recordings are no longer than ${duration(median)}, nine of ten no longer than ${duration(most)}.${without}`
}

export const durationsFigure = (cells: readonly DurationCell[]): Figure => {
  const bins = binsOf(known(cells))
  return {
    id: 'durations',
    title: 'Durations',
    summary: summaryOf(cells),
    size: 'half',
    legend: [],
    draw: sum(bins) === 0 ? null : draw(bins),
    table: {
      head: ['duration', 'recordings'],
      rows: sum(bins) === 0 ? [] : bins.map(({ name, rows }) => [name, rows]),
    },
  }
}
