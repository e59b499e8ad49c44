import type { Session } from '../warehouse/session.ts'
import type { Person } from './forget-requests.ts'
import { findRecords, patternsOf, type RowsOf } from './forget-search.ts'
import { foundRows, ofFound } from './forget-tables.ts'
import { sentFiles } from './sent-rows.ts'

/** What is stored of a person, at one connection that has rows. */
export interface StoredOfPerson {
  readonly connection: string
  readonly source: string
  readonly rows: number
  readonly records: number
  readonly payloads: number
  readonly rejects: number
  readonly follow_ups: number
}

/** What erasing does not reach, as far as it is known. */
export interface OutOfReach {
  /** Dump files that its rows or rejects were read from last. */
  readonly files: readonly { readonly connection: string; readonly file: string }[]
  /** Files with its rows that were delivered. */
  readonly sent: readonly string[]
  /** Connections whose platform has its records still. */
  readonly platforms: readonly string[]
  /** Rows of others whose text mentions the number or the address. */
  readonly mentions: readonly { readonly connection: string; readonly rows: number }[]
}

export interface ForgetPlan {
  readonly stored: readonly StoredOfPerson[]
  readonly outOfReach: OutOfReach
}

const stored = `
  select c.connection_id as connection, c.source, x.rows, x.records, x.payloads, x.rejects, x.follow_ups
  from (
    select connection_key, sum(rows)::bigint as rows, sum(records)::bigint as records, sum(payloads)::bigint as payloads,
      sum(rejects)::bigint as rejects, sum(follow_ups)::bigint as follow_ups
    from (
      select connection_key, count(*) as rows, 0 as records, 0 as payloads, 0 as rejects, 0 as follow_ups
      from (${foundRows}) t group by 1
      union all
      select e.connection_key, 0, count(*), count(e.payload), 0, 0
      from reelhouse.source_records e, ${ofFound('e', 'record_id')} group by 1
      union all
      select r.connection_key, 0, 0, count(r.payload), count(*), 0
      from reelhouse.rejected_records r, ${ofFound('r', 'reject_key')} group by 1
      union all
      select w.connection_key, 0, 0, 0, 0, count(*)
      from reelhouse.follow_ups w, ${ofFound('w', 'record_id')} group by 1
    ) each_table
    group by 1
  ) x
  join reelhouse.connections c using (connection_key)
  order by 1`

/** A row of a file has one of the ordinals of that file. */
const files = `
  select distinct c.connection_id as connection, x.file
  from (
    select l.connection_key, l.file_name as file
    from (${foundRows}) t
    join forget_readers g on g.rows_of = t.connection_key
    join reelhouse.loaded_files l
      on l.connection_key = g.reader and t.source_ordinal >= l.ordinal_base and t.source_ordinal < l.ordinal_base + l.content_bytes
    where t.source = 'files'
    union all
    select r.connection_key, r.file_name
    from reelhouse.rejected_records r, ${ofFound('r', 'reject_key')} and r.file_name is not null
  ) x
  join reelhouse.connections c using (connection_key)
  order by 1, 2`

const platforms = `
  select distinct c.connection_id as connection
  from reelhouse.connections c
  join forget_readers g on g.reader = c.connection_key
  where c.source <> 'files' and exists (select from forget_found f where f.rows_of = g.rows_of)
  order by 1`

const mentions = `
  select c.connection_id as connection, count(*) as rows
  from reelhouse.call_recordings t
  join reelhouse.connections c using (connection_key)
  where t.message_text ~* $1 and t.connection_key in (select rows_of from forget_readers)
    and not exists (select from forget_found f where f.rows_of = t.connection_key and f.record_id = t.record_id)
  group by 1
  order by 1`

/** What is found now, of what findRecords left in the transaction. */
const readPlan = async (session: Session, person: Person): Promise<ForgetPlan> => {
  const { client } = session
  const patterns = patternsOf(person)
  return {
    stored: (await client.query<StoredOfPerson>(stored)).rows,
    outOfReach: {
      files: (await client.query<{ readonly connection: string; readonly file: string }>(files)).rows,
      sent: await sentFiles(session),
      platforms: (await client.query<{ readonly connection: string }>(platforms)).rows.map(
        ({ connection }) => connection,
      ),
      mentions:
        patterns === null
          ? []
          : (await client.query<{ readonly connection: string; readonly rows: number }>(mentions, [patterns.inText]))
              .rows,
    },
  }
}

/** What forgetting the person would erase now; writes nothing. */
export const planForget = async (session: Session, person: Person, rowsOf: RowsOf): Promise<ForgetPlan> => {
  await session.client.query('begin isolation level repeatable read')
  try {
    await findRecords(session, person, rowsOf)
    return await readPlan(session, person)
  } finally {
    await session.client.query('rollback').catch(() => undefined)
  }
}
