import type { Due, DueRow, ExportRequest, ExportSettings } from '../domain/export.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { TravtusField } from '../domain/recording-row.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { planByKey } from './planner.ts'
import { micros } from './sql-instant.ts'
import { inTransaction } from './transaction.ts'
import { travtusColumns, travtusHash } from './travtus-row.ts'

export interface DueRequest {
  readonly request: ExportRequest
  readonly settings: Pick<ExportSettings, 'require' | 'defaultPortfolioId' | 'settlingDelayMs'>
  /** Rows that were sent by an export before this one are sent again; null = whenever they were sent. 0 sends none again. */
  readonly resendBefore: number | null
}

/** Keys of what is due, in the order of created_at; and the version that was read of it. Lives as long as its session. */
const createDueRows = `
  create temporary table if not exists due_rows (
    place          bigint primary key,
    connection_key integer not null,
    message_id     text collate "C" not null,
    created_at     timestamptz not null,
    row_hash       bytea,
    row_changed_at timestamptz
  ) on commit preserve rows`

/**
 * Living audio rows only, of a range where one is asked for. $1 and $2: the range, or null. No mark, no clock and no id of a
 * transaction decides what is looked at: a transaction may commit behind any of them.
 */
const delivered = `
  t.deleted_at is null and t.media = 'audio'
  and ($1::timestamptz is null or t.created_at >= $1::timestamptz) and ($2::timestamptz is null or t.created_at < $2::timestamptz)`

/** Why a row waits; null = it may go. `$3`: milliseconds for which it must have stayed as it is. */
const whyWithheld = ({ require, defaultPortfolioId }: DueRequest['settings']): string => {
  const lacking = require
    .filter((field: TravtusField) => field !== 'portfolio_id' || defaultPortfolioId === null)
    .map((field) => `when t.${field} is null then 'lacks ${field}'`)
  return `case
    when t.last_changed_at > now() - $3 * interval '1 millisecond' then 'settling'
    when t.recording_status = 'processing' then 'processing'
    ${lacking.join('\n    ')}
  end`
}

/** Not sent yet as it is. A version that was sent is known by when it changed: its texts are not looked at again. $4: resendBefore. */
const unsent = `
  case
    when e.message_id is null or e.row_hash is null or $4::bigint is null or e.export_id < $4 then true
    when e.row_changed_at = t.last_changed_at then false
    else e.row_hash <> ${travtusHash('t')}
  end`

const sentRow = `
  left join reelhouse.exported_rows e on e.connection_key = t.connection_key and e.message_id = t.message_id`

const fillDueRows = (settings: DueRequest['settings']): string => `
  with judged as materialized (
    select t.connection_key, t.message_id, t.created_at, ${whyWithheld(settings)} as why
    from reelhouse.call_recordings t ${sentRow}
    where ${delivered} and ${unsent}
  ), kept as (
    insert into due_rows
    select row_number() over (order by created_at, connection_key, message_id), connection_key, message_id, created_at
    from judged
    where why is null
  )
  select why, count(*) as rows
  from judged
  where why is not null
  group by 1
  order by 1`

const bounds = `
  select ${micros("(now() - $1 * interval '1 millisecond')")} as settled, ${micros('(select min(created_at) from due_rows)')} as oldest`

/** Both tables are read once: a look-up for each row takes longer for all but a few. */
const planByTable = 'set local enable_nestloop = off'

type Values = readonly [string | null, string | null, number, number | null]

const valuesOf = ({ request, settings, resendBefore }: DueRequest): Values => {
  const range = request.kind === 'range' ? request.range : null
  const bound = (instant: EpochMicros | undefined): string | null =>
    instant === undefined ? null : formatInstant(instant)
  return [bound(range?.from), bound(range?.to), settings.settlingDelayMs, resendBefore]
}

/** Notes what is due, for `dueRows` on the same session. */
export const findDue = async (session: Session, due: DueRequest): Promise<Due> => {
  const { client } = session
  const values = valuesOf(due)
  await client.query(createDueRows)
  return inTransaction(session, async () => {
    await client.query('truncate due_rows')
    await client.query(planByTable)
    const { rows } = await client.query<{ readonly why: string; readonly rows: number }>(fillDueRows(due.settings), [
      ...values,
    ])
    await client.query('analyze due_rows')
    const found = await client.query<Omit<Due, 'withheld'>>(bounds, [due.settings.settlingDelayMs])
    const [{ settled, oldest } = { settled: 0, oldest: null }] = found.rows
    return { settled, oldest, withheld: Object.fromEntries(rows.map(({ why, rows: count }) => [why, count])) }
  })
}

const pageRows = 500

/** Bounds memory on transcripts of megabytes; octet_length tells the size of a text without fetching it. */
const pageBytes = 2_000_000

/** Judged anew: since it was found, a row may have changed again, waited again, or been deleted. */
const nextPage = (settings: DueRequest['settings']): string => `
  update due_rows d
  set row_hash = case when p.message_id is not null then ${travtusHash('p')} end, row_changed_at = p.last_changed_at
  from (
    select d.place, t.*,
      sum(coalesce(octet_length(t.message_text), 0)) over (order by d.place) - coalesce(octet_length(t.message_text), 0) as bytes_before
    from (select * from due_rows where place > $5 order by place limit ${pageRows}) d
    left join lateral (
      select t.*, c.connection_id
      from reelhouse.call_recordings t
      join reelhouse.connections c on c.connection_key = t.connection_key
      ${sentRow}
      where t.connection_key = d.connection_key and t.message_id = d.message_id
        and ${delivered} and ${unsent} and ${whyWithheld(settings)} is null
    ) t on true
  ) p
  where d.place = p.place and p.bytes_before < ${pageBytes}
  returning p.place, p.connection_id as "connectionId", ${travtusColumns('p')}`

interface PageRow extends Omit<DueRow, 'message_id'> {
  /** Null: it is not due any more. */
  readonly message_id: string | null
}

const isDue = (row: PageRow): row is PageRow & DueRow => row.message_id !== null

/** What `findDue` found, in pages. Between two of them the session is free. */
export async function* dueRows(session: Session, due: DueRequest): AsyncGenerator<readonly DueRow[], void, undefined> {
  const statement = nextPage(due.settings)
  const values = valuesOf(due)
  for (let after = 0; ; ) {
    const { rows } = await inTransaction(session, async () => {
      await planByKey(session)
      return session.client.query<PageRow>(statement, [...values, after])
    })
    if (rows.length === 0) return
    const ordered = rows.sort((one, other) => one.place - other.place)
    yield ordered.filter(isDue)
    after = ordered.at(-1)?.place ?? after
  }
}
