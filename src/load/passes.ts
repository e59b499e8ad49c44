import type { MapKeys } from '../domain/recording-row.ts'
import type { StagedRow } from './encoded-rows.ts'
import { keepBit } from './keep-mask.ts'

/**
 * In which pass of the upsert each row of a batch is merged; almost always all in the first. `repeated`: places of the rows
 * of one key, for each key that occurs more than once; that rows of two keys stand there together costs passes only.
 *
 * Of several rows of one key the upsert takes the newest. When that one leaves unstated what an older one states, or when
 * both are equally new, they are merged one after the other, oldest first, as they would be in batches of their own: what
 * becomes of a record does not depend on where batches were cut.
 */
export const passesOf = (
  count: number,
  rowAt: (place: number) => StagedRow,
  repeated: Iterable<readonly number[]>,
): Uint32Array => {
  const passes = new Uint32Array(count)
  for (const places of repeated) assignPasses(rowAt, places, passes)
  return passes
}

const assignPasses = (rowAt: (place: number) => StagedRow, places: readonly number[], passes: Uint32Array): void => {
  const sorted = places.map((place) => ({ place, row: rowAt(place) })).sort((a, b) => byAge(a.row, b.row))
  let pass = 0
  let older: StagedRow | undefined
  for (const { place, row } of sorted) {
    if (older !== undefined && (byAge(older, row) === 0 || !statesAllOf(row, older))) pass += 1
    passes[place] = pass
    older = row
  }
}

const byAge = (a: StagedRow, b: StagedRow): number =>
  a.source_version === b.source_version
    ? a.source_ordinal - b.source_ordinal
    : (a.source_version ?? Number.NEGATIVE_INFINITY) - (b.source_version ?? Number.NEGATIVE_INFINITY)

/** Nothing of the older row would be left after both were merged. */
const statesAllOf = (newer: StagedRow, older: StagedRow): boolean => {
  const unstated = newer.mask & ~keepBit.source_version
  if (unstated === 0) return true
  if ((unstated & ~older.mask) !== 0) return false
  return (unstated & keepBit.map_keys) === 0 || statesAllKeysOf(newer.map_keys, older.map_keys)
}

const statesAllKeysOf = (newer: MapKeys, older: MapKeys): boolean =>
  Object.keys(older).every((key) => older[key] === undefined || newer[key] !== undefined)
