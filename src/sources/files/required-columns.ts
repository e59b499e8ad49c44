import { dotdoRequiredColumns } from './dotdo-shape.ts'
import type { FilesSettings } from './settings.ts'
import { telnyxRequiredColumns } from './telnyx-shape.ts'
import { travtusRequiredColumns } from './travtus-shape.ts'

type Columns = NonNullable<FilesSettings['columns']>
type FieldSetting = Columns[keyof Columns]

const columnsOf = (setting: FieldSetting): readonly string[] => {
  if (setting === undefined) return []
  if (typeof setting === 'string') return [setting]
  if ('hash' in setting) return setting.hash
  if ('constant' in setting) return []
  return typeof setting.column === 'string' ? [setting.column] : setting.column
}

const shapeColumns = (shape: FilesSettings['shape']): readonly string[] => {
  if (shape === 'telnyx') return telnyxRequiredColumns
  return shape === 'dotdo' ? dotdoRequiredColumns : travtusRequiredColumns
}

/**
 * Every column that the settings name, each once: a CSV header must have them all, because a missing one is a misspelt
 * mapping or another export, never an empty cell. Of a shape only those that no row can do without.
 */
export const requiredColumns = (settings: FilesSettings): readonly string[] => {
  const { columns, map_keys, shape, version } = settings
  const mapped = columns === undefined ? shapeColumns(shape) : Object.values(columns).flatMap(columnsOf)
  const versioned = typeof version === 'object' && 'column' in version ? [version.column] : []
  return Array.from(new Set([...mapped, ...Object.values(map_keys), ...versioned]))
}
