import type { MapKeys, PlacedRow } from '../domain/recording-row.ts'
import { keepBit, keepMask } from './keep-mask.ts'

/**
 * In which pass of the upsert each row of a batch is merged; almost always all in the first.
 *
 * Of several rows of one key the upsert takes the newest. When that one leaves unstated what an older one states, or when
 * both are equally new, they are merged one after the other, oldest first, as they would be in batches of their own: what
 * becomes of a record does not depend on where batches were cut.
 */
export const passesOf = (rows: readonly PlacedRow[]): Uint32Array => {
  const passes = new Uint32Array(rows.length)
  for (const places of repeated(rows)) assignPasses(rows, places, passes)
  return passes
}

/** Places of the rows whose key occurs more than once, by key. */
const repeated = (rows: readonly PlacedRow[]): Iterable<readonly number[]> => {
  const firstOf = new Map<string, number>()
  const placesOf = new Map<string, number[]>()
  rows.forEach(({ message_id: key }, place) => {
    const first = firstOf.get(key)
    const places = placesOf.get(key)
    if (first === undefined) firstOf.set(key, place)
    else if (places === undefined) placesOf.set(key, [first, place])
    else places.push(place)
  })
  return placesOf.values()
}

const assignPasses = (rows: readonly PlacedRow[], places: readonly number[], passes: Uint32Array): void => {
  const sorted = places
    .flatMap((place) => {
      const row = rows[place]
      return row === undefined ? [] : [{ place, row }]
    })
    .sort((a, b) => byAge(a.row, b.row))
  let pass = 0
  let older: PlacedRow | undefined
  for (const { place, row } of sorted) {
    if (older !== undefined && (byAge(older, row) === 0 || !statesAllOf(row, older))) pass += 1
    passes[place] = pass
    older = row
  }
}

const byAge = (a: PlacedRow, b: PlacedRow): number =>
  a.source_version === b.source_version
    ? a.source_ordinal - b.source_ordinal
    : (a.source_version ?? Number.NEGATIVE_INFINITY) - (b.source_version ?? Number.NEGATIVE_INFINITY)

/** Nothing of the older row would be left after both were merged. */
const statesAllOf = (newer: PlacedRow, older: PlacedRow): boolean => {
  const unstated = keepMask(newer)
  if (unstated === 0) return true
  const unstatedBefore = keepMask(older)
  if ((unstated & ~unstatedBefore) !== 0) return false
  return (unstated & keepBit.map_keys) === 0 || statesAllKeysOf(newer.map_keys, older.map_keys)
}

const statesAllKeysOf = (newer: MapKeys, older: MapKeys): boolean =>
  Object.keys(older).every((key) => older[key] === undefined || newer[key] !== undefined)
