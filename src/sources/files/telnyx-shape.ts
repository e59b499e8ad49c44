import type { Flattened } from '../../domain/flattened.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextReader } from '../../transform/text.ts'
import type { FlattenContext } from '../source.ts'
import { compileTelnyxFlatten } from '../telnyx/flatten.ts'
import { compileMapKeys } from './column-mapping.ts'
import { type Findings, noNotes } from './field.ts'
import type { FilesSettings } from './settings.ts'

/** Without it a file holds no Telnyx recordings. It is spelled alike on the wire and by typed clients. */
export const telnyxRequiredColumns: readonly string[] = ['id']

/** Cells that mean "nothing" as nulls, so that they clear what is stored. */
const withNulls = (record: JsonObject, readText: (cell: string) => string | null): JsonObject =>
  Object.fromEntries(
    Object.entries(record).map(([name, cell]) => [
      name,
      typeof cell === 'string' && readText(cell) === null ? null : cell,
    ]),
  )

/**
 * `shape: telnyx`: records are recordings as the API lists them, read as those are; but a file is all there will ever be of
 * them, and nothing was joined. A recording without `updated_at` has the version of its file. Throws ConfigError.
 */
export const compileTelnyxShape = (
  settings: FilesSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const { own_numbers, default_country, zone } = settings
  const flatten = compileTelnyxFlatten({ own_numbers, default_country, zone, call_events: false })
  const readText = compileTextReader(settings.placeholders)
  const mapKeys = compileMapKeys(settings.map_keys, readText)
  return (record, context) => {
    const final = { ...context, final: true }
    if (!isJsonObject(record)) return flatten(record, final)
    const flattened = flatten(withNulls(record, readText), final)
    if (flattened.kind !== 'rows') return flattened
    const findings: Findings = { notes: noNotes, reason: null }
    const further = mapKeys(record, findings)
    const { reason } = findings
    const [first] = flattened.rows
    if (reason !== null && first !== undefined) {
      return { kind: 'reject', recordId: first.record_id, version: first.source_version, reason }
    }
    // A dump does not know whether a recording is still there.
    const rows = flattened.rows.map((row) => ({
      ...row,
      deleted_at: undefined,
      map_keys: { ...row.map_keys, ...further },
    }))
    return { ...flattened, rows, notes: [...flattened.notes, ...findings.notes] }
  }
}
