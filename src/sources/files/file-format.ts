import { SourceProtocolError } from '../../domain/errors.ts'
import { excerpt } from '../../transform/excerpt.ts'
import type { FileHead } from './scan.ts'
import type { FilesSettings } from './settings.ts'

export type FileFormat = 'csv' | 'jsonl' | 'json'

const formats: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
}

const byName = (name: string): FileFormat => {
  const extension = /\.([^./\\]+)$/.exec(name.toLowerCase().replace(/\.(?:gz|gzip)$/, ''))?.[1] ?? ''
  const format = formats[extension]
  if (format !== undefined) return format
  throw new SourceProtocolError(
    `${name}: the format cannot be told by the name; expected .csv, .tsv, .txt, .jsonl, .ndjson or .json ` +
      '(each also with .gz); rename the file, or set format',
  )
}

/** Not every `[`: SQL Server puts column names in brackets. */
const startsLikeJson = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/

/** The format by settings or name. Throws SourceProtocolError when the name says one thing and the first bytes another. */
export const formatOf = (name: string, head: FileHead, declared: FilesSettings['format']): FileFormat => {
  if (declared !== 'auto') return declared
  const format = byName(name)
  const isJson = startsLikeJson.test(head.text)
  if (format === 'csv' && isJson) {
    throw new SourceProtocolError(
      `${name}: the file is named like CSV, but its content is JSON; set format: json or jsonl`,
    )
  }
  if (format !== 'csv' && !/^\s*(?:[[{]|$)/.test(head.text)) {
    throw new SourceProtocolError(
      `${name}: the file is named like JSON, but its content starts with ${excerpt(head.text.trim().slice(0, 20))}; ` +
        'expected { or [; set format if it is csv',
    )
  }
  return format
}
