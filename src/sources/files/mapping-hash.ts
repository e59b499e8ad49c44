import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import type { FilesSettings } from './settings.ts'

/** Raised when the same settings make other rows of the same records, so that known files load again. */
const flattenFormat = 1

/** The same for records of shape telnyx: they load again when the reading of Telnyx changes, and no others do. */
const telnyxFormat = 1

/** And for those of shape dotdo. */
const dotdoFormat = 1

/** Everything but where the files are. Listed by name: a setting that nobody thought of here does not compile. */
const decisive: Readonly<Record<Exclude<keyof FilesSettings, 'paths' | 'outside_links'>, true>> = {
  format: true,
  encoding: true,
  csv: true,
  records_at: true,
  shape: true,
  columns: true,
  map_keys: true,
  zone: true,
  default_country: true,
  own_numbers: true,
  fields: true,
  placeholders: true,
  media: true,
  version: true,
}

/** SHA-256, hex, of what decides what reading and flatten make of a file: a changed one loads a known file again. */
export const mappingHash = (settings: FilesSettings): string => {
  const deciding = Object.entries(settings).filter(([name]) => Object.hasOwn(decisive, name))
  const formats = {
    flattenFormat,
    ...(settings.shape === 'telnyx' ? { telnyxFormat } : {}),
    ...(settings.shape === 'dotdo' ? { dotdoFormat } : {}),
  }
  return sha256Hex(canonicalJson({ ...formats, settings: Object.fromEntries(deciding) }))
}
