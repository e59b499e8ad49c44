import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import type { ReportData, WholeTable } from '../load/report-data.ts'
import { coverageFigure } from './coverage-figure.ts'
import { durationsFigure } from './durations-figure.ts'
import { type Figure, figureMarkup, tableMarkup } from './figure.ts'
import { freshnessFigure } from './freshness-figure.ts'
import { connectionsTable, tiles } from './headline.ts'
import { Markup, tag } from './markup.ts'
import { quarantineFigure, waitingFigure } from './open-figures.ts'
import { periodsOf } from './periods.ts'
import { directionFigure, mappingFigure } from './share-figures.ts'
import { style } from './style.ts'
import { volumeFigure } from './volume-figure.ts'
import { clockTime } from './words.ts'

export interface Report {
  readonly data: ReportData
  readonly whole: WholeTable
  /** Connections that are configured and were never synced. */
  readonly never: readonly string[]
  readonly window: Window
  /** IANA name: whose days are counted, and whose clocks are shown. */
  readonly zone: string
  /** When the data was read. */
  readonly now: EpochMicros
}

/** Nothing may be fetched, and nothing runs: the page is what it shows. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

const figuresOf = ({ data, never, window, zone, now }: Report): readonly Figure[] => [
  volumeFigure(data.volume, periodsOf(window, zone)),
  coverageFigure(data.coverage, { window, zone, now }),
  durationsFigure(data.durations),
  directionFigure(data.volume),
  mappingFigure(data.volume),
  freshnessFigure(data.fresh, never, { now, zone }),
  quarantineFigure(data.rejects),
  waitingFigure(data.followUps),
]

const head = (title: string): Markup =>
  tag(
    'head',
    {},
    tag('meta', { charset: 'utf-8' }),
    tag('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    tag('meta', { name: 'color-scheme', content: 'light dark' }),
    tag('meta', { name: 'referrer', content: 'no-referrer' }),
    tag('link', { rel: 'icon', href: 'data:,' }),
    tag('title', {}, title),
    tag('style', {}, Markup.of(style)),
  )

const connectionsCard = ({ data, never, zone }: Report): Markup => {
  const table = connectionsTable(data, never, zone)
  const content =
    table.rows.length === 0
      ? tag('p', {}, 'Nothing was loaded yet: reelhouse sync.')
      : tableMarkup('Counts by connection', table)
  return tag('section', { id: 'connections', class: 'card full' }, tag('h2', {}, 'Connections'), content)
}

/** One page, complete in itself. The same report is the same page, byte for byte. */
export const reportPage = (report: Report): string => {
  const { data, whole, window, zone, now } = report
  const range = `${clockTime(window.from, zone)} to ${clockTime(window.to, zone)}`
  const title = `Reelhouse: ${range}`
  const body = tag(
    'body',
    {},
    tag(
      'header',
      {},
      tag('h1', {}, 'Call recordings'),
      tag('p', {}, `${range}, ${zone}. Read from the warehouse at ${clockTime(now, zone)}.`),
    ),
    tiles(data, whole),
    tag('main', {}, connectionsCard(report), ...figuresOf(report).map(figureMarkup)),
    tag(
      'footer',
      {},
      'Counts are of living rows. Quarantine, waiting and freshness are as of now, whatever the time shown. Made by reelhouse report; no name, number or text of anybody is in it.',
    ),
  )
  return `<!doctype html>\n${tag('html', { lang: 'en' }, head(title), body).html}\n`
}
