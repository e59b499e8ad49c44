import { sql } from 'kysely'
import type { PayloadKind } from '../domain/batch.ts'
import type { Session } from '../warehouse/session.ts'

/** What `reelhouse rejects` shows of a record in quarantine. */
export interface RejectListing {
  readonly connection_id: string
  readonly stream: string
  readonly reject_key: string
  readonly code: string
  readonly path: string | null
  readonly detail: string
  readonly file_name: string | null
  readonly line: number | null
  readonly first_seen_at: string
  readonly payload_kind: PayloadKind
  readonly payload: string | null
}

export interface RejectFilter {
  /** Null: of all connections. */
  readonly connectionIds: readonly string[] | null
  readonly code: string | null
  readonly limit: number
}

export const listOpenRejects = (session: Session, filter: RejectFilter): Promise<readonly RejectListing[]> => {
  let query = session.db
    .selectFrom('rejected_records as r')
    .innerJoin('connections as c', 'c.connection_key', 'r.connection_key')
    .select([
      'c.connection_id',
      'r.stream',
      'r.reject_key',
      'r.code',
      'r.path',
      'r.detail',
      'r.file_name',
      'r.line',
      sql<string>`to_char(r.first_seen_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`.as('first_seen_at'),
      'r.payload_kind',
      'r.payload',
    ])
    .where('r.resolved_at', 'is', null)
  if (filter.connectionIds !== null) query = query.where('c.connection_id', 'in', filter.connectionIds)
  if (filter.code !== null) query = query.where('r.code', '=', filter.code)
  return query
    .orderBy('c.connection_id')
    .orderBy('r.file_name')
    .orderBy('r.line')
    .orderBy('r.reject_key')
    .limit(filter.limit)
    .execute()
}

export interface RejectCount {
  readonly connection_id: string
  readonly code: string
  readonly path: string | null
  readonly records: number
}

export const countOpenRejects = (
  session: Session,
  filter: Pick<RejectFilter, 'connectionIds' | 'code'>,
): Promise<readonly RejectCount[]> => {
  let query = session.db
    .selectFrom('rejected_records as r')
    .innerJoin('connections as c', 'c.connection_key', 'r.connection_key')
    .select(['c.connection_id', 'r.code', 'r.path', ({ fn }) => fn.countAll<number>().as('records')])
    .where('r.resolved_at', 'is', null)
  if (filter.connectionIds !== null) query = query.where('c.connection_id', 'in', filter.connectionIds)
  if (filter.code !== null) query = query.where('r.code', '=', filter.code)
  return query.groupBy(['c.connection_id', 'r.code', 'r.path']).orderBy('c.connection_id').orderBy('r.code').execute()
}
