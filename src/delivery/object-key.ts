import type { FileSettings } from '../domain/export.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { formatInstant } from '../transform/instant.ts'

/** `20260714T150211Z`: to the second, and fit for every file system. */
const compact = (instant: EpochMicros): string =>
  formatInstant(instant)
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')

export interface Named {
  readonly exportId: number
  readonly from: EpochMicros
  readonly to: EpochMicros
}

/** Where a file goes: the same for the same export, so that a repeat overwrites it. */
export const objectKey = (
  { keyPrefix, fileName, format }: Pick<FileSettings, 'keyPrefix' | 'fileName' | 'format'>,
  { exportId, from, to }: Named,
): string => {
  const name = fileName
    .replaceAll('<from>', compact(from))
    .replaceAll('<to>', compact(to))
    .replaceAll('<export_id>', String(exportId))
  return `${keyPrefix}/${name}.${format}`
}
