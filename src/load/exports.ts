import { LoadError } from '../domain/errors.ts'
import type { ExportFile, ExportRequest } from '../domain/export.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { claimRows, forgetHashes } from './exported-rows.ts'
import { micros } from './sql-instant.ts'
import { inTransaction } from './transaction.ts'

export interface ExportBeginning {
  readonly request: ExportRequest
  /** Null: the file is the first of its delivery. */
  readonly firstExportId: number | null
  readonly from: EpochMicros
  readonly to: EpochMicros
  /** The key of the file, by the id that it is given. */
  readonly keyOf: (exportId: number) => string
}

interface ExportRow {
  readonly export_id: number
  readonly attempt: number
  readonly kind: ExportRequest['kind']
  readonly first_export_id: number | null
  readonly range_from: EpochMicros
  readonly range_to: EpochMicros
  readonly object_key: string
}

const asFile = (row: ExportRow): ExportFile => {
  const { kind, range_from: from, range_to: to } = row
  return {
    exportId: row.export_id,
    attempt: row.attempt,
    request: kind === 'range' ? { kind, range: { from, to } } : { kind },
    firstExportId: row.first_export_id ?? row.export_id,
    from,
    to,
    key: row.object_key,
  }
}

const unfinished = `
  select export_id, attempt, kind, first_export_id, ${micros('range_from')} as range_from, ${micros('range_to')} as range_to, object_key
  from reelhouse.exports
  where state in ('writing', 'delivering')
  order by export_id`

/** Files that were begun, and whose process or attempt ended before they were noted as delivered. */
export const unfinishedExports = async (session: Session): Promise<readonly ExportFile[]> =>
  (await session.client.query<ExportRow>(unfinished)).rows.map(asFile)

const insert = `
  insert into reelhouse.exports (invocation_id, kind, first_export_id, range_from, range_to, object_key, state)
  values ($1, $2, $3, $4, $5, '', 'writing')
  returning export_id`

export const beginExport = async (
  session: Session,
  invocationId: string,
  { request, firstExportId, from, to, keyOf }: ExportBeginning,
): Promise<ExportFile> =>
  inTransaction(session, async () => {
    const values = [invocationId, request.kind, firstExportId, formatInstant(from), formatInstant(to)]
    const { rows } = await session.client.query<{ readonly export_id: number }>(insert, values)
    const exportId = rows[0]?.export_id
    if (exportId === undefined) throw new TypeError('an insert returned no row')
    const key = keyOf(exportId)
    await session.client.query('update reelhouse.exports set object_key = $2 where export_id = $1', [exportId, key])
    return { exportId, attempt: 1, request, firstExportId: firstExportId ?? exportId, from, to, key }
  })

/** A step of one attempt at one file; refused when another process has begun the file anew since. */
const advance = async (
  session: Session,
  { exportId, attempt }: ExportFile,
  set: string,
  values: readonly unknown[] = [],
): Promise<void> => {
  const { rowCount } = await session.client.query(
    `update reelhouse.exports set ${set} where export_id = $1 and attempt = $2 and state in ('writing', 'delivering')`,
    [exportId, attempt, ...values],
  )
  if (rowCount !== 1)
    throw new LoadError(
      `export ${exportId} was taken over by another process, as this one lost its lock; that process finishes it`,
    )
}

/**
 * Begins a file anew. What was noted as sent by it may have reached Travtus or not: those rows are sent again, whatever they
 * are by now.
 */
export const reopenExport = (session: Session, file: ExportFile): Promise<ExportFile> =>
  inTransaction(session, async () => {
    await forgetHashes(session, file.exportId)
    await advance(session, file, "state = 'writing', attempt = attempt + 1, rows = null")
    return { ...file, attempt: file.attempt + 1 }
  })

/** Gives a file up: its rows go out in another one. */
export const abandonExport = (session: Session, file: ExportFile): Promise<void> =>
  inTransaction(session, async () => {
    await forgetHashes(session, file.exportId)
    await advance(session, file, "state = 'abandoned'")
  })

/** Notes the rows of a file as sent, before anybody can see it. */
export const claimExport = (session: Session, file: ExportFile, places: readonly number[]): Promise<void> =>
  inTransaction(session, async () => {
    await advance(session, file, "state = 'delivering', rows = $3", [places.length])
    await claimRows(session, file.exportId, places)
  })

/** `completes`: nothing of the delivery is left behind the file. */
export const recordExport = (session: Session, file: ExportFile, bytes: number, completes: boolean): Promise<void> =>
  advance(session, file, "state = 'delivered', delivered_at = now(), bytes = $3, completes = $4", [bytes, completes])

const changesUntil = `
  select ${micros('max(range_to)')} as until from reelhouse.exports where kind = 'changes' and state = 'delivered'`

/** The end of the latest delivery of changes; null when there was none. For names of files only. */
export const changesDeliveredUntil = async (session: Session): Promise<EpochMicros | null> =>
  (await session.client.query<{ readonly until: EpochMicros | null }>(changesUntil)).rows[0]?.until ?? null

const latestOfDelivery = `
  select completes, coalesce(first_export_id, export_id) as first
  from reelhouse.exports
  where kind = $1 and ($1 <> 'range' or (range_from = $2 and range_to = $3))
  order by export_id desc
  limit 1`

/** The first file of the same full or range delivery, when that was stopped before its last file; null: it begins anew. */
export const openDelivery = async (session: Session, request: ExportRequest): Promise<number | null> => {
  const range = request.kind === 'range' ? [formatInstant(request.range.from), formatInstant(request.range.to)] : []
  const { rows } = await session.client.query<{ readonly completes: boolean; readonly first: number }>(
    latestOfDelivery,
    [request.kind, range[0] ?? null, range[1] ?? null],
  )
  const [latest] = rows
  return latest === undefined || latest.completes ? null : latest.first
}
