import type { EpochMicros } from '../domain/instant.ts'
import type { ReportData, WholeTable } from '../load/report-data.ts'
import { quantile } from './durations-figure.ts'
import type { Table } from './figure.ts'
import { type Markup, tag } from './markup.ts'
import { clockTime, count, duration, percent } from './words.ts'

interface Tile {
  readonly id: string
  readonly name: string
  readonly value: string
  readonly more: string | null
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0)

const tilesOf = ({ volume, durations, rejects, followUps }: ReportData, whole: WholeTable): readonly Tile[] => {
  const rows = sum(volume, (cell) => cell.rows)
  const inbound = sum(
    volume.filter(({ direction }) => direction === 'inbound'),
    (cell) => cell.rows,
  )
  const mapped = sum(
    volume.filter(({ is_mapped }) => is_mapped),
    (cell) => cell.rows,
  )
  const [median, most] = [quantile(durations, 0.5), quantile(durations, 0.9)]
  const givenUp = sum(followUps, (cell) => cell.given_up)
  return [
    { id: 'rows', name: 'In this time', value: count(rows), more: `of ${count(whole.rows)} rows in all` },
    { id: 'inbound', name: 'Inbound', value: percent(inbound, rows), more: `${count(inbound)} rows` },
    {
      id: 'median',
      name: 'Median duration',
      value: median === null ? '–' : duration(median),
      more: most === null ? null : `90 % up to ${duration(most)}`,
    },
    { id: 'mapped', name: 'With a portfolio', value: percent(mapped, rows), more: `${count(rows - mapped)} without` },
    { id: 'rejects', name: 'In quarantine', value: count(sum(rejects, (cell) => cell.records)), more: 'records, now' },
    {
      id: 'waiting',
      name: 'Waited for',
      value: count(sum(followUps, (cell) => cell.waiting)),
      more: givenUp === 0 ? 'records, now' : `and ${count(givenUp)} in vain`,
    },
  ]
}

export const tiles = (data: ReportData, whole: WholeTable): Markup =>
  tag(
    'dl',
    { class: 'tiles' },
    ...tilesOf(data, whole).map(({ id, name, value, more }) =>
      tag(
        'div',
        { class: 'tile' },
        tag('dt', {}, name),
        tag('dd', { id: `count-${id}` }, value, more === null ? null : tag('small', {}, more)),
      ),
    ),
  )

interface Of {
  readonly connection: string
}

/** Counts by connection: what is in the warehouse, and what is configured and was never synced. */
export const connectionsTable = (
  { volume, fresh, rejects, followUps }: ReportData,
  never: readonly string[],
  zone: string,
): Table => {
  const names = new Set([
    ...[...volume, ...fresh, ...rejects, ...followUps].map(({ connection }) => connection),
    ...never,
  ])
  const latest = (name: string): EpochMicros | null => {
    const instants = fresh.filter(({ connection }) => connection === name).map(({ fresh_as_of }) => fresh_as_of)
    // A connection is as fresh as the stalest of its streams.
    return instants.reduce<EpochMicros | null>(
      (a, b) => (a === null || b === null ? null : Math.min(a, b)),
      instants[0] ?? null,
    )
  }
  const rows = [...names].sort().map((name) => {
    const own = <T extends Of>(cells: readonly T[]) => cells.filter(({ connection }) => connection === name)
    const asOf = latest(name)
    return [
      name,
      asOf === null ? 'never' : clockTime(asOf, zone),
      sum(own(volume), (cell) => cell.rows),
      sum(
        own(volume).filter(({ is_mapped }) => !is_mapped),
        (cell) => cell.rows,
      ),
      sum(own(rejects), (cell) => cell.records),
      sum(own(followUps), (cell) => cell.waiting),
      sum(own(followUps), (cell) => cell.given_up),
    ]
  })
  const head = [
    'connection',
    'last complete sync',
    'rows in this time',
    'unmapped',
    'in quarantine',
    'waited for',
    'given up',
  ]
  return { head, rows }
}
