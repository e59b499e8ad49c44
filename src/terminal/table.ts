import Table from 'cli-table3'

const plain = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

export type Cell = string | number | null

/** A table for people: numbers to the right, null as a dash, no lines. */
export const renderTable = (head: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const numeric = head.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const table = new Table({
    head: [...head],
    chars: plain,
    colAligns: numeric.map((isNumber) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(row.map(renderCell))
  return `${table.toString().replaceAll(/ +$/gm, '')}\n`
}

const renderCell = (cell: Cell): string => {
  if (cell === null) return '-'
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell
}
