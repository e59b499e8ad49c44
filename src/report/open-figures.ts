import type { FollowUpCell, RejectCell } from '../load/report-data.ts'
import { drawBars } from './bars.ts'
import type { Figure } from './figure.ts'
import { count } from './words.ts'

/** By reason, all connections together; the most first. */
const byCode = (cells: readonly RejectCell[]): readonly (readonly [code: string, records: number])[] => {
  const codes = new Map<string, number>()
  for (const { code, records } of cells) codes.set(code, (codes.get(code) ?? 0) + records)
  return Array.from(codes).toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
}

/** What is in quarantine now, whenever it was read. */
export const quarantineFigure = (cells: readonly RejectCell[]): Figure => {
  const codes = byCode(cells)
  const total = codes.reduce((sum, [, records]) => sum + records, 0)
  const rows = codes.map(([code, records]) => ({
    label: code,
    note: count(records),
    parts: [{ fill: 'bad', value: records, title: `${code}: ${count(records)}` }],
  }))
  return {
    id: 'quarantine',
    title: 'Quarantine by reason',
    summary:
      total === 0
        ? 'Nothing is in quarantine.'
        : `${count(total)} ${total === 1 ? 'record' : 'records'} could not become a row, and ${total === 1 ? 'is' : 'are'} kept. reelhouse rejects shows them.`,
    size: 'half',
    legend: [],
    draw: total === 0 ? null : drawBars(rows, Math.max(...codes.map(([, records]) => records))),
    table: {
      head: ['connection', 'reason', 'records'],
      rows: cells.map(({ connection, code, records }) => [connection, code, records]),
    },
  }
}

const kinds: Readonly<Record<FollowUpCell['kind'], string>> = {
  pending: 'no row yet',
  'follow-up': 'row lacks something',
}

/** What is read again by itself, and what was waited for in vain. */
export const waitingFigure = (cells: readonly FollowUpCell[]): Figure => {
  const waiting = cells.reduce((sum, cell) => sum + cell.waiting, 0)
  const givenUp = cells.reduce((sum, cell) => sum + cell.given_up, 0)
  const rows = cells.map((cell) => ({
    label: `${cell.connection}: ${cell.reason}`,
    note: count(cell.waiting + cell.given_up),
    parts: [
      {
        fill: 'open',
        value: cell.waiting,
        title: `${cell.connection}: ${count(cell.waiting)} waiting (${cell.reason})`,
      },
      {
        fill: 'bad',
        value: cell.given_up,
        title: `${cell.connection}: ${count(cell.given_up)} given up (${cell.reason})`,
      },
    ],
  }))
  return {
    id: 'waiting',
    title: 'Waited for',
    summary:
      waiting + givenUp === 0
        ? 'Nothing is waited for.'
        : `${count(waiting)} ${waiting === 1 ? 'record is' : 'records are'} due again: not finished at the platform yet, or rows that lack something. ${count(givenUp)} were waited for in vain.`,
    size: 'half',
    legend: [
      { fill: 'open', name: 'waiting' },
      { fill: 'bad', name: 'given up' },
    ],
    draw: rows.length === 0 ? null : drawBars(rows, Math.max(...cells.map((cell) => cell.waiting + cell.given_up), 1)),
    table: {
      head: ['connection', 'kind', 'waits for', 'waiting', 'given up'],
      rows: cells.map((cell) => [cell.connection, kinds[cell.kind], cell.reason, cell.waiting, cell.given_up]),
    },
  }
}
