import type { UpsertCounts } from '../../src/domain/batch.ts'
import type { RecordingRow } from '../../src/domain/recording-row.ts'

/** What the tests of the guarded upsert vary; every other column is the same in all their rows. */
export interface Stored {
  readonly message_id: string
  readonly created_at: number
  readonly portfolio_id: string | null
  readonly first_name: string | null
  readonly call_duration_in_sec: number | null
  readonly deleted_at: number | null
  readonly map_keys: Readonly<Record<string, string>> | null
  readonly source_version: number | null
  readonly source_ordinal: number
  /** Numbers of commits, from 1. */
  readonly first_loaded: number
  readonly last_changed: number
  readonly run_id: number
}

/** Bytes of a record as Postgres writes it: what decides when version and ordinal are equal. */
const recordText = (row: Stored): Buffer => {
  const instant = (micros: number | null) =>
    micros === null ? null : `"${new Date(micros / 1000).toISOString().slice(0, 19).replace('T', ' ')}+00"`
  const keys = Object.entries(row.map_keys ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const json = keys.map(([key, value]) => `""${key}"": ""${value}""`).join(', ')
  const columns = [
    instant(row.created_at),
    row.portfolio_id,
    row.first_name,
    row.call_duration_in_sec,
    instant(row.deleted_at),
    row.map_keys === null ? null : `"{${json}}"`,
  ]
  return Buffer.from(
    columns
      .map((value) => value ?? '')
      .join(',')
      .concat(')'),
  )
}

type Aged = Pick<Stored, 'source_version' | 'source_ordinal'>

/** Positive when `a` is newer. */
const byAge = (a: Aged, b: Aged): number => {
  if (a.source_version === b.source_version) return a.source_ordinal - b.source_ordinal
  if (a.source_version === null) return -1
  return b.source_version === null ? 1 : a.source_version - b.source_version
}

const kept = <T>(stated: T | null | undefined, stored: T | null | undefined): T | null =>
  stated === undefined ? (stored ?? null) : stated

const mergedKeys = (row: RecordingRow, stored: Stored | undefined): Stored['map_keys'] => {
  const all = Object.entries(row.map_keys)
  const stated = all.filter(([, value]) => value !== undefined)
  const base = stated.length < all.length ? (stored?.map_keys ?? {}) : {}
  const merged = Object.entries({ ...base, ...Object.fromEntries(stated) })
  const living = merged.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return living.length === 0 ? null : Object.fromEntries(living)
}

/** Whether everything that the older row states is stated by the newer one, too. */
const hides = (newer: RecordingRow, older: RecordingRow): boolean => {
  const columns = ['portfolio_id', 'first_name', 'call_duration_in_sec', 'deleted_at'] as const
  const isWhole = (row: RecordingRow) => Object.values(row.map_keys).every((value) => value !== undefined)
  const keysHidden =
    isWhole(newer) ||
    (!isWhole(older) &&
      Object.keys(older.map_keys).every(
        (key) => older.map_keys[key] === undefined || newer.map_keys[key] !== undefined,
      ))
  return keysHidden && columns.every((column) => newer[column] !== undefined || older[column] === undefined)
}

/** Promise 4 in its plainest form: one row at a time, against a map. */
export class UpsertModel {
  readonly table = new Map<string, Stored>()
  #commits = 0

  commit(rows: readonly RecordingRow[], runId: number, authoritative: boolean): UpsertCounts {
    this.#commits += 1
    const counts = { rows: rows.length, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 }
    const oldestFirst = rows.toSorted(byAge)
    oldestFirst.forEach((row, place) => {
      const next = oldestFirst.slice(place + 1).find(({ message_id }) => message_id === row.message_id)
      const isHidden = next !== undefined && byAge(next, row) > 0 && hides(next, row)
      counts[isHidden ? 'duplicate' : this.#merge(row, runId, authoritative)] += 1
    })
    return counts
  }

  #merge(row: RecordingRow, runId: number, authoritative: boolean): Exclude<keyof UpsertCounts, 'rows' | 'duplicate'> {
    const stored = this.table.get(row.message_id)
    const incoming: Stored = {
      message_id: row.message_id,
      created_at: row.created_at,
      portfolio_id: kept(row.portfolio_id, stored?.portfolio_id),
      first_name: kept(row.first_name, stored?.first_name),
      call_duration_in_sec: kept(row.call_duration_in_sec, stored?.call_duration_in_sec),
      deleted_at: kept(row.deleted_at, stored?.deleted_at),
      map_keys: mergedKeys(row, stored),
      source_version: row.source_version,
      source_ordinal: row.source_ordinal,
      first_loaded: stored?.first_loaded ?? this.#commits,
      last_changed: this.#commits,
      run_id: runId,
    }
    if (stored === undefined) {
      this.table.set(row.message_id, incoming)
      return 'inserted'
    }
    const order = recordText(incoming).compare(recordText(stored))
    const isOlder = byAge(incoming, stored) || (authoritative ? 1 : order)
    if (isOlder < 0) return order === 0 ? 'unchanged' : 'stale'
    // A later reading of the same version with equal content is not written: its ordinal is not, either.
    if (order === 0 && incoming.source_version === stored.source_version) return 'unchanged'
    this.table.set(row.message_id, order === 0 ? { ...incoming, last_changed: stored.last_changed } : incoming)
    return 'updated'
  }
}
