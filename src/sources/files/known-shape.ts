import type { Flattened } from '../../domain/flattened.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextReader } from '../../transform/text.ts'
import type { FlattenContext } from '../source.ts'
import { compileMapKeys } from './column-mapping.ts'
import { type Findings, noNotes } from './field.ts'
import type { FilesSettings } from './settings.ts'

/** Cells that mean "nothing" as nulls, so that they clear what is stored. */
const withNulls = (record: JsonObject, readText: (cell: string) => string | null): JsonObject =>
  Object.fromEntries(
    Object.entries(record).map(([name, cell]) => [
      name,
      typeof cell === 'string' && readText(cell) === null ? null : cell,
    ]),
  )

type Flatten = (record: unknown, context: FlattenContext) => Flattened

/**
 * Records of a vendor, read as its API's are; but a file is all there will ever be of them. A record that states no version
 * has that of its file. `map_keys` of the settings are added to the vendor's own;
 * `recordIn`: what they are read of, where that is not what stands in the file.
 */
export const compileKnownShape = (
  settings: FilesSettings,
  flatten: Flatten,
  recordIn: (found: JsonObject) => JsonObject = (found) => found,
): Flatten => {
  const readText = compileTextReader(settings.placeholders)
  const mapKeys = compileMapKeys(settings.map_keys, readText)
  return (record, context) => {
    const final = { ...context, final: true }
    if (!isJsonObject(record)) return flatten(record, final)
    const flattened = flatten(withNulls(record, readText), final)
    if (flattened.kind !== 'rows') return flattened
    const findings: Findings = { notes: noNotes, reason: null }
    const further = mapKeys(recordIn(record), findings)
    const { reason } = findings
    const [first] = flattened.rows
    if (reason !== null && first !== undefined) {
      return { kind: 'reject', recordId: first.record_id, version: first.source_version, reason }
    }
    // A dump does not know whether a recording is still there; only, where it says so, that it is not.
    const rows = flattened.rows.map((row) => ({
      ...row,
      deleted_at: row.deleted_at ?? undefined,
      map_keys: { ...row.map_keys, ...further },
    }))
    return { ...flattened, rows, notes: [...flattened.notes, ...findings.notes] }
  }
}
