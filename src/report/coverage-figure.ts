import { DateTime } from 'luxon'
import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import type { CoveredStream } from '../load/report-data.ts'
import { labelsUnder, timeTicks } from './axes.ts'
import { mostRows, rowWords } from './bars.ts'
import type { Figure } from './figure.ts'
import { fragment, type Markup, tag } from './markup.ts'
import { clockTime, percent, span } from './words.ts'

interface Stretch extends Window {
  readonly kind: 'read' | 'gap' | 'not-yet'
}

interface Strip {
  readonly name: string
  readonly stretches: readonly Stretch[]
}

const words: Readonly<Record<Stretch['kind'], string>> = {
  read: 'completely read',
  gap: 'gap: not read',
  'not-yet': 'not read yet',
}

const fills: Readonly<Record<Stretch['kind'], string>> = { read: 'read', gap: 'gap', 'not-yet': 'not-yet' }

const clipped = ({ from, to }: Window, window: Window): readonly Window[] => {
  const [start, end] = [Math.max(from, window.from), Math.min(to, window.to)]
  return start < end ? [{ from: start, to: end }] : []
}

/** Before the first that was read, nothing is to be read: that is left blank. */
const stretchesOf = (covered: readonly Window[], window: Window, now: EpochMicros): readonly Stretch[] => {
  const holes = covered.slice(1).map(({ from }, index) => ({ from: covered[index]?.to ?? from, to: from }))
  const until = covered.at(-1)?.to ?? now
  const kinds = [
    ['read', covered],
    ['gap', holes],
    ['not-yet', [{ from: until, to: Math.max(until, now) }]],
  ] as const
  return kinds.flatMap(([kind, stretches]) =>
    stretches.flatMap((stretch) => clipped(stretch, window)).map((stretch) => ({ ...stretch, kind })),
  )
}

const seconds = ({ from, to }: Window): number => (to - from) / 1e6

const lengthOf = ({ stretches }: Strip, kind: Stretch['kind']): number =>
  stretches.filter((stretch) => stretch.kind === kind).reduce((sum, stretch) => sum + seconds(stretch), 0)

const gapsOf = (strip: Strip): number => strip.stretches.filter(({ kind }) => kind === 'gap').length

const noteOf = (strip: Strip, zone: string): string => {
  const gaps = gapsOf(strip)
  if (gaps > 0) return `${gaps} ${gaps === 1 ? 'gap' : 'gaps'}, ${span(lengthOf(strip, 'gap'))}`
  if (lengthOf(strip, 'read') === 0) return 'nothing in this time'
  const [behind] = strip.stretches.filter(({ kind }) => kind === 'not-yet')
  const isBehind = behind !== undefined && seconds(behind) > 86_400
  return isBehind ? `no gap, read until ${clockTime(behind.from, zone)}` : 'no gap'
}

const rowHeight = 44

/** Hatched, as colour alone tells nothing to some. */
const hatches = (id: string): Markup =>
  tag(
    'defs',
    {},
    ...(['gap', 'not-yet'] as const).map((kind) =>
      tag(
        'pattern',
        { id: `${id}-${kind}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        tag('rect', { class: `${kind}-ground`, width: 6, height: 6 }),
        tag('rect', { class: `${kind}-line`, width: 2.5, height: 6 }),
      ),
    ),
  )

const draw =
  (strips: readonly Strip[], window: Window, zone: string) =>
  (width: number): { readonly height: number; readonly marks: Markup } => {
    const shown = strips.slice(0, mostRows)
    const id = `hatch-${width}`
    const x = (instant: EpochMicros) => ((instant - window.from) / (window.to - window.from)) * width
    const rows = shown.map((strip, index) => {
      const top = index * rowHeight
      const rects = strip.stretches.map((stretch) => {
        // A gap of a minute in a year is a gap.
        const drawn = Math.max(x(stretch.to) - x(stretch.from), stretch.kind === 'gap' ? 3 : 0.5)
        const left = Math.min(x(stretch.from), width - drawn)
        const fill = stretch.kind === 'read' ? { class: fills.read } : { fill: `url(#${id}-${stretch.kind})` }
        const title = `${strip.name}: ${words[stretch.kind]}, ${clockTime(stretch.from, zone)} to ${clockTime(stretch.to, zone)}`
        return tag(
          'g',
          { class: 'bar' },
          tag('title', {}, title),
          tag('rect', { ...fill, x: left, y: top + 20, width: drawn, height: 16 }),
        )
      })
      const track = tag('rect', { class: 'track', x: 0, y: top + 20, width, height: 16 })
      return fragment(rowWords(strip.name, noteOf(strip, zone), top, width), track, ...rects)
    })
    const height = shown.length * rowHeight
    return {
      height: height + 18,
      marks: fragment(hatches(id), ...rows, labelsUnder(ticksOf(window, zone, width), height + 10, 0, width)),
    }
  }

/** The clocks of the zone on an axis of UTC. */
const ticksOf = (window: Window, zone: string, width: number) => {
  const local = (instant: EpochMicros) =>
    DateTime.fromMillis(Math.floor(instant / 1000), { zone })
      .setZone('UTC', { keepLocalTime: true })
      .toMillis()
  return timeTicks(local(window.from), local(window.to), width)
}

const summaryOf = (strips: readonly Strip[]): string => {
  if (strips.length === 0)
    return 'No platform was read yet. Dump files have no such time: freshness and quarantine tell of them.'
  const gaps = strips.reduce((sum, strip) => sum + gapsOf(strip), 0)
  const read = strips.reduce((sum, strip) => sum + lengthOf(strip, 'read'), 0)
  const all = read + strips.reduce((sum, strip) => sum + lengthOf(strip, 'gap') + lengthOf(strip, 'not-yet'), 0)
  const share = all === 0 ? '' : ` ${percent(read, all)} of the platforms’ time was completely read.`
  return `${gaps === 0 ? 'No gap.' : `${gaps} ${gaps === 1 ? 'gap' : 'gaps'}: the next sync or a backfill reads ${gaps === 1 ? 'it' : 'them'}.`}${share}`
}

export const coverageFigure = (
  streams: readonly CoveredStream[],
  { window, zone, now }: { readonly window: Window; readonly zone: string; readonly now: EpochMicros },
): Figure => {
  const several = (connection: string) => streams.filter((stream) => stream.connection === connection).length > 1
  const strips = streams.map(({ connection, stream, covered }) => ({
    name: several(connection) ? `${connection}: ${stream}` : connection,
    stretches: stretchesOf(covered, window, now),
  }))
  return {
    id: 'completeness',
    title: 'Completeness',
    summary: summaryOf(strips),
    size: 'full',
    legend: (['read', 'gap', 'not-yet'] as const).map((kind) => ({ fill: fills[kind], name: words[kind] })),
    draw: strips.length === 0 ? null : draw(strips, window, zone),
    table: {
      head: ['connection', 'from', 'to', 'is'],
      rows: strips.flatMap(({ name, stretches }) =>
        stretches.map((stretch) => [
          name,
          clockTime(stretch.from, zone),
          clockTime(stretch.to, zone),
          words[stretch.kind],
        ]),
      ),
    },
  }
}
