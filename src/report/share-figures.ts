import type { VolumeCell } from '../load/report-data.ts'
import { type BarRow, drawBars } from './bars.ts'
import { directions } from './directions.ts'
import type { Figure, LegendEntry } from './figure.ts'
import { count, percent } from './words.ts'

interface Part extends LegendEntry {
  readonly holds: (cell: VolumeCell) => boolean
}

interface Shares {
  readonly connection: string
  readonly rows: number
  /** In the order of the parts. */
  readonly values: readonly number[]
}

const sum = (cells: readonly VolumeCell[]): number => cells.reduce((total, { rows }) => total + rows, 0)

/** Of each connection, the busiest first. */
const sharesOf = (cells: readonly VolumeCell[], parts: readonly Part[]): readonly Shares[] =>
  [...new Set(cells.map(({ connection }) => connection))]
    .map((connection) => {
      const own = cells.filter((cell) => cell.connection === connection)
      return { connection, rows: sum(own), values: parts.map(({ holds }) => sum(own.filter(holds))) }
    })
    .toSorted((a, b) => b.rows - a.rows || (a.connection < b.connection ? -1 : 1))

const barRow = ({ connection, rows, values }: Shares, parts: readonly Part[]): BarRow => ({
  label: connection,
  note: `${percent(values[0] ?? 0, rows)} ${parts[0]?.name}`,
  parts: parts.map(({ fill, name }, index) => {
    const value = values[index] ?? 0
    return { fill, value, title: `${connection}: ${count(value)} ${name} (${percent(value, rows)})` }
  }),
})

const shareFigure = (
  words: Pick<Figure, 'id' | 'title' | 'summary'>,
  cells: readonly VolumeCell[],
  parts: readonly Part[],
): Figure => {
  const shares = sharesOf(cells, parts)
  return {
    ...words,
    size: 'half',
    legend: parts,
    draw:
      shares.length === 0
        ? null
        : drawBars(
            shares.map((share) => barRow(share, parts)),
            null,
          ),
    table: {
      head: ['connection', ...parts.map(({ name }) => name), 'all'],
      rows: shares.map(({ connection, rows, values }) => [connection, ...values, rows]),
    },
  }
}

export const directionFigure = (cells: readonly VolumeCell[]): Figure => {
  const parts = directions.map((entry) => ({
    ...entry,
    holds: (cell: VolumeCell) => cell.direction === entry.direction,
  }))
  const named = parts.map(({ name, holds }) => `${percent(sum(cells.filter(holds)), sum(cells))} ${name}`)
  const summary =
    cells.length === 0 ? 'Nothing to tell apart.' : `${named.join(', ')}. Unknown is what the source does not say.`
  return shareFigure({ id: 'direction', title: 'Direction by connection', summary }, cells, parts)
}

export const mappingFigure = (cells: readonly VolumeCell[]): Figure => {
  const parts: readonly Part[] = [
    { name: 'mapped', fill: 'good', holds: (cell) => cell.is_mapped },
    { name: 'unmapped', fill: 'open', holds: (cell) => !cell.is_mapped },
  ]
  const unmapped = sum(cells.filter((cell) => !cell.is_mapped))
  const advice = 'reelhouse portfolios shows what the map lacks.'
  const summary =
    cells.length === 0
      ? 'Nothing to map.'
      : unmapped === 0
        ? 'Every row has a portfolio.'
        : `${percent(sum(cells) - unmapped, sum(cells))} of the rows have a portfolio; ${count(unmapped)} have none. ${advice}`
  return shareFigure({ id: 'portfolios', title: 'Portfolios by connection', summary }, cells, parts)
}
