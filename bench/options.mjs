// Command line of the benches: `--rows 1000000 --runs 3 --json`.
import { parseArgs } from 'node:util'

/** Numbers stay numbers; `defaults` names every option there is. */
export const options = (defaults) => {
  const { values } = parseArgs({
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? { type: 'boolean', default: value } : { type: 'string', default: String(value) },
      ]),
    ),
  })
  const asGiven = ([name, value]) => [name, typeof defaults[name] === 'number' ? Number(value) : value]
  return Object.fromEntries(Object.entries(values).map(asGiven))
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** Rows of text as columns: the first to the left, the others to the right. */
export const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at])))
        .join('  '),
    )
    .join('\n')
}
