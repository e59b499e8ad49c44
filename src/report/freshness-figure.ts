import { scaleLog } from 'd3-scale'
import type { EpochMicros } from '../domain/instant.ts'
import type { FreshStream } from '../load/report-data.ts'
import { labelsUnder } from './axes.ts'
import { mostRows, rowWords } from './bars.ts'
import type { Figure } from './figure.ts'
import { fragment, type Markup, tag } from './markup.ts'
import { clockTime, span } from './words.ts'

interface Age {
  readonly name: string
  readonly state: FreshStream['state'] | null
  /** Null: never completely synced. */
  readonly seconds: number | null
  readonly asOf: EpochMicros | null
}

const agesOf = (streams: readonly FreshStream[], never: readonly string[], now: EpochMicros): readonly Age[] => {
  const several = (connection: string) => streams.filter((stream) => stream.connection === connection).length > 1
  const known = streams.map(({ connection, stream, state, fresh_as_of }) => ({
    name: several(connection) ? `${connection}: ${stream}` : connection,
    state,
    seconds: fresh_as_of === null ? null : Math.max(0, (now - fresh_as_of) / 1e6),
    asOf: fresh_as_of,
  }))
  const all = [...known, ...never.map((name) => ({ name, state: null, seconds: null, asOf: null }))]
  const order = ({ seconds }: Age) => seconds ?? Number.POSITIVE_INFINITY
  return all.toSorted((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)) || (a.name < b.name ? -1 : 1))
}

const ageText = ({ seconds }: Age): string => (seconds === null ? 'never' : `${span(seconds)} ago`)

const isWell = ({ state }: Age): boolean => state === 'succeeded' || state === 'running'

const ticks = [
  [60, '1 min'],
  [3600, '1 h'],
  [86_400, '1 day'],
  [7 * 86_400, '1 week'],
  [30 * 86_400, '1 month'],
  [365 * 86_400, '1 year'],
] as const

const rowHeight = 40
const inset = 8

/** The form says what the colour says; what never was is a diamond at the far end. */
const mark = (age: Age, x: number, y: number): Markup => {
  const title = tag('title', {}, `${age.name}: ${ageText(age)}, last run ${age.state ?? 'none'}`)
  const square = { class: 'bad', x: x - 5, y: y - 5, width: 10, height: 10 }
  if (age.seconds === null)
    return tag('g', { class: 'bar' }, title, tag('rect', { ...square, transform: `rotate(45 ${x} ${y})` }))
  const form = isWell(age) ? tag('circle', { class: 'good', cx: x, cy: y, r: 6 }) : tag('rect', square)
  return tag('g', { class: 'bar' }, title, form)
}

const draw =
  (ages: readonly Age[]) =>
  (width: number): { readonly height: number; readonly marks: Markup } => {
    const shown = ages.slice(0, mostRows)
    const oldest = Math.max(...shown.map(({ seconds }) => seconds ?? 0))
    const last = ticks.find(([seconds]) => seconds >= Math.max(oldest, 86_400))?.[0] ?? Math.max(oldest, 1)
    const log = scaleLog([30, last], [inset, width - inset]).clamp(true)
    const height = shown.length * rowHeight
    const lines = ticks
      .filter(([seconds]) => seconds <= last)
      .map(([seconds]) => tag('line', { class: 'grid', x1: log(seconds), x2: log(seconds), y1: 18, y2: height }))
    const rows = shown.map((age, index) => {
      const top = index * rowHeight
      const y = top + 27
      return fragment(
        rowWords(age.name, ageText(age), top, width),
        tag('rect', { class: 'track', x: 0, y: y - 2, width, height: 4 }),
        mark(age, age.seconds === null ? width - inset : log(age.seconds), y),
      )
    })
    const labels = ticks.filter(([seconds]) => seconds <= last).map(([seconds, text]) => ({ at: log(seconds), text }))
    const under = labelsUnder(labels, height + 14, 0, width)
    return { height: height + 22, marks: fragment(...lines, ...rows, under) }
  }

export const freshnessFigure = (
  streams: readonly FreshStream[],
  never: readonly string[],
  { now, zone }: { readonly now: EpochMicros; readonly zone: string },
): Figure => {
  const ages = agesOf(streams, never, now)
  const [oldest] = ages
  const failed = ages.filter((age) => age.state !== null && !isWell(age)).length
  const failures = failed === 0 ? '' : ` The last run of ${failed} did not succeed.`
  return {
    id: 'freshness',
    title: 'Freshness',
    summary:
      oldest === undefined
        ? 'Nothing was ever synced.'
        : `How long ago each connection was completely synced, the longest first: ${oldest.name}, ${ageText(oldest)}.${failures}`,
    size: 'half',
    legend: [
      { fill: 'good', name: 'last run succeeded' },
      { fill: 'bad', name: 'it did not, or none ever did' },
    ],
    draw: ages.length === 0 ? null : draw(ages),
    table: {
      head: ['connection', 'last complete sync', 'age', 'last run'],
      rows: ages.map((age) => [
        age.name,
        age.asOf === null ? 'never' : clockTime(age.asOf, zone),
        ageText(age),
        age.state ?? 'none',
      ]),
    },
  }
}
