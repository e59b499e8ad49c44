import { type Flattened, reject, type Waiting } from '../domain/flattened.ts'
import type { PlacedRow, RecordingRow } from '../domain/recording-row.ts'
import type { FlattenContext } from '../sources/source.ts'
import { hasLongId, longIdRejected } from './long-id.ts'
import type { UnusableId } from './record-place.ts'

export interface Flattening {
  /** Pure; what it throws costs this one record. */
  flatten(record: unknown, context: FlattenContext): Flattened
  /** The row as it is to be stored, with the portfolio that the map gives it. */
  place(row: RecordingRow): PlacedRow
}

type PlacedRows = Omit<Extract<Flattened, { readonly kind: 'rows' }>, 'rows'> & { readonly rows: readonly PlacedRow[] }

/** What flatten makes of a record, with its rows as they are to be stored. */
export type Placed = PlacedRows | Exclude<Flattened, { readonly kind: 'rows' }>

/** A defect of a flatten on one hostile record must not keep the rest out for ever. */
export const flattenRecord = (
  { flatten, place }: Flattening,
  record: unknown,
  context: FlattenContext,
  recordId: string | null,
): Placed => {
  try {
    const flattened = flatten(record, context)
    if (flattened.kind === 'skip') return flattened
    if (hasLongId(flattened)) return longIdRejected
    const defect = defectOf(flattened, context.final, recordId)
    if (defect !== null) return failed(defect)
    return flattened.kind === 'rows' ? { ...flattened, rows: placedRows(flattened.rows, place) } : flattened
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}

/** Nearly every record is one row. */
const placedRows = (rows: readonly RecordingRow[], place: Flattening['place']): readonly PlacedRow[] => {
  const [first] = rows
  return rows.length === 1 && first !== undefined ? [place(first)] : rows.map((row) => place(row))
}

/** A row under another record's id would outlive its own record. */
const defectOf = (flattened: Flattened, final: boolean, recordId: string | null): string | null => {
  if (flattened.kind === 'pending') return final ? 'it still waits when waiting has ended' : null
  if (flattened.kind !== 'rows' || recordId === null) return null
  return flattened.rows.every((row) => row.record_id === recordId) ? null : 'its row names another record'
}

/** A record without a usable id is rejected whatever flatten makes of it; flatten may know better why it has none. */
export const unusableRecord = (why: UnusableId, flattened: Placed): Placed => {
  if (why === 'id-too-long') return longIdRejected
  if (why === 'unreadable-id') return reject(null, why, null, 'the id has characters that cannot be stored')
  if (flattened.kind === 'reject') return { ...flattened, recordId: null }
  return reject(null, why, null, 'the source lists it without an id')
}

const failed = (what: string): Flattened & { readonly kind: 'reject' } =>
  reject(null, 'flatten-failed', null, `flatten failed on it, which is a defect of reelhouse: ${what}`)

/** What is still waited for; null = nothing. */
export const waitingOf = (flattened: Placed): Waiting | null => {
  if (flattened.kind === 'pending') return flattened.waiting
  return flattened.kind === 'rows' ? (flattened.followUp ?? null) : null
}
