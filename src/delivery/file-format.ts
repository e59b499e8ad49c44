import type { FileSettings } from '../domain/export.ts'
import { travtusFields } from '../domain/recording-row.ts'
import type { Cell } from './shape-row.ts'

/** How cells become the text of a file. */
export interface FileFormat {
  readonly head: string
  /** `place`: of the row in its file, from 0. */
  row(cells: readonly Cell[], place: number): string
  readonly tail: string
  readonly gzip: boolean
}

export const formatOf = ({ format, delimiter }: Pick<FileSettings, 'format' | 'delimiter'>): FileFormat =>
  format === 'csv' ? csv(delimiter) : { ...json, gzip: format === 'json.gz' }

/** RFC 4180, quotes where they are needed only, `\n`, an empty cell for null. Cells are one line (cell.ts). */
const csv = (delimiter: string): FileFormat => {
  const written = (cell: Cell): string => {
    if (cell === null) return ''
    return cell.includes(delimiter) || cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell
  }
  return {
    head: `${travtusFields.join(delimiter)}\n`,
    row: (cells) => `${cells.map(written).join(delimiter)}\n`,
    tail: '',
    gzip: false,
  }
}

/** An array with one object a line, every field in every object; Travtus documents no shape (docs/travtus-files.md). */
const json: Omit<FileFormat, 'gzip'> = {
  head: '[',
  row: (cells, place) => {
    const members = travtusFields.map((field, column) => `"${field}":${JSON.stringify(cells[column] ?? null)}`)
    return `${place === 0 ? '\n' : ',\n'}{${members.join(',')}}`
  },
  tail: '\n]\n',
}
