import type { CellRow } from '../../domain/cell-lines.ts'
import { travtusFields } from '../../domain/recording-row.ts'
import { compileDirectionWords } from '../../transform/direction.ts'
import { defaultPlaceholders } from '../../transform/text.ts'
import type { FilesSettings } from './settings.ts'
import { travtusColumns } from './travtus-shape.ts'

type Columns = NonNullable<FilesSettings['columns']>
type Setting = Columns[keyof Columns]

/** The one column that a field is read of, in the field's own form; null when there is more to it. */
const columnOf = (setting: Exclude<Setting, undefined>): string | null => {
  if (typeof setting === 'string') return setting
  if (!('column' in setting) || typeof setting.column !== 'string') return null
  if ('unit' in setting && setting.unit !== 's') return null
  if ('format' in setting && setting.format !== undefined && setting.format !== 'iso') return null
  return setting.column
}

const ascii = /^[\x20-\x7e]*$/
const letters = /^[a-z]+$/

/** A word that a placeholder is in some case is left to the readers: they look for placeholders first, and exactly. */
const directionsOf = (
  setting: Columns['message_direction'],
  placeholders: readonly string[],
): CellRow['directions'] => {
  const words =
    typeof setting === 'object' && 'column' in setting
      ? compileDirectionWords(setting)
      : compileDirectionWords({ inbound: [], outbound: [] })
  const nothing = placeholders.map((text) => text.toLowerCase())
  return new Map([...words].filter(([word]) => letters.test(word) && !nothing.includes(word)))
}

/**
 * How cells become rows without being read as records, where the settings ask for nothing but that; null where records are
 * needed. `columns`: of the file.
 */
export const compileCellRow = (settings: FilesSettings, columns: readonly string[]): CellRow | null => {
  const { shape, version, map_keys } = settings
  if (shape !== undefined && shape !== 'travtus') return null
  if (typeof version === 'object' && 'column' in version) return null
  if (Object.keys(map_keys).length > 0) return null
  const placeholders = (settings.placeholders ?? defaultPlaceholders).map((text) => text.trim())
  if (!placeholders.every((text) => ascii.test(text))) return null
  const mapped = settings.columns ?? travtusColumns
  const cells = travtusFields.map((field): [string, number | null] => {
    // Without one, the chain is the recording.
    const setting =
      mapped[field === 'conversation_id' ? (mapped.conversation_id === undefined ? 'message_id' : field) : field]
    if (setting === undefined) return [field, -1]
    const column = columnOf(setting)
    return [field, column === null ? null : columns.indexOf(column)]
  })
  if (cells.some(([, cell]) => cell === null)) return null
  const cellOf = Object.fromEntries(cells) as CellRow['cellOf']
  if (cellOf.message_id < 0 || cellOf.created_at < 0 || cellOf.conversation_id < 0) return null
  return {
    cellOf,
    media: settings.media,
    placeholders: placeholders.filter((text) => text !== ''),
    directions: directionsOf(mapped.message_direction, placeholders),
  }
}
