import type { IdentifierKind } from '../domain/forgotten.ts'
import { emailAsValue, emailInText, numberAsValue, numberInText } from '../transform/number-notations.ts'
import type { Session } from '../warehouse/session.ts'
import type { Person } from './forget-requests.ts'
import { textOf } from './without-forgotten.ts'

/** Which connections write the rows of another, by their ids. */
export type RowsOf = Readonly<Record<string, string>>

/**
 * What the search finds, until the end of the transaction: records by the connection that has their rows, and which
 * connections read those.
 */
const createFound = `
  create temporary table forget_readers (reader integer primary key, rows_of integer not null) on commit drop;
  create temporary table forget_found (
    rows_of integer not null, record_id text collate "C" not null, primary key (rows_of, record_id)
  ) on commit drop`

const fillReaders = `
  insert into forget_readers (reader, rows_of)
  select c.connection_key, coalesce(i.connection_key, c.connection_key)
  from reelhouse.connections c
  left join unnest($1::text[], $2::text[]) as m (reader, rows_of) on m.reader = c.connection_id
  left join reelhouse.connections i on i.connection_id = m.rows_of
  where $3::integer is null or coalesce(i.connection_key, c.connection_key) = $3`

/** s.value: the person; s.as_value, s.in_text: patterns of how JSON and other texts write it. */
const sought = 'with s as materialized (select $1::text as value, $2::text as as_value, $3::text as in_text)'

interface Conditions {
  /** Of t, a row. */
  readonly row: string
  /** Of e, a record as it was read. */
  readonly record: string
  /** Of r, a record in quarantine. */
  readonly reject: string
}

const quotedRow = `(t.map_keys::text ~* s.as_value or '"' || t.sender_ext_ref || '"' ~* s.as_value)`
const namedInReject = `(case r.payload_kind when 'record' then r.payload ~* s.as_value when 'text' then r.payload ~* s.in_text end
      or r.detail ~* s.in_text)`

const conditions: Readonly<Record<IdentifierKind, Conditions>> = {
  phone: {
    row: `(t.phone_number = s.value or t.number_dialed_by_user = s.value or ${quotedRow})`,
    record: 'e.payload ~* s.as_value',
    reject: namedInReject,
  },
  email: {
    row: `(lower(trim(t.email_address)) = s.value or ${quotedRow})`,
    record: 'e.payload ~* s.as_value',
    reject: namedInReject,
  },
  conversation: {
    row: 't.conversation_id = s.value',
    record: '(e.record_id = s.value or e.parent_id = s.value)',
    reject: 'r.reject_key = s.value',
  },
}

const findings = ({ row, record, reject }: Conditions): readonly string[] => [
  `insert into forget_found
  ${sought}
  select distinct t.connection_key, t.record_id
  from s
  join reelhouse.call_recordings t on ${row}
  where t.connection_key in (select rows_of from forget_readers)`,
  `insert into forget_found
  ${sought}
  select distinct g.rows_of, e.record_id
  from s
  join reelhouse.source_records e on ${record}
  join forget_readers g on g.reader = e.connection_key
  on conflict do nothing`,
  `insert into forget_found
  ${sought}
  select distinct g.rows_of, r.reject_key
  from s
  join reelhouse.rejected_records r on ${reject}
  join forget_readers g on g.reader = r.connection_key
  on conflict do nothing`,
]

const nextBytes = `
  select g.rows_of, r.connection_key, r.stream, r.reject_key, r.payload
  from reelhouse.rejected_records r
  join forget_readers g on g.reader = r.connection_key
  where r.payload_kind = 'base64' and r.payload is not null and (r.connection_key, r.stream, r.reject_key) > ($1::integer, $2::text, $3::text)
  order by r.connection_key, r.stream, r.reject_key
  limit 100`

interface BytesRow {
  readonly rows_of: number
  readonly connection_key: number
  readonly stream: string
  readonly reject_key: string
  readonly payload: string
}

export interface Patterns {
  readonly asValue: string
  readonly inText: string
}

/** How texts write the person; null: an id is not searched for in texts. */
export const patternsOf = ({ kind, value }: Person): Patterns | null => {
  if (kind === 'phone') return { asValue: numberAsValue(value), inText: numberInText(value) }
  return kind === 'email' ? { asValue: emailAsValue(value), inText: emailInText(value) } : null
}

/**
 * Finds the records of a person, in the caller's transaction: row to record, and what never became a row by what was read of
 * it. Reads every payload once. Changes nothing that stays.
 */
export const findRecords = async (session: Session, person: Person, rowsOf: RowsOf): Promise<void> => {
  const { client } = session
  const patterns = patternsOf(person)
  await client.query(createFound)
  await client.query(fillReaders, [Object.keys(rowsOf), Object.values(rowsOf), person.connectionKey])
  for (const statement of findings(conditions[person.kind])) {
    await client.query(statement, [person.value, patterns?.asValue ?? null, patterns?.inText ?? null])
  }
  if (patterns !== null) await findInBytes(session, new RegExp(patterns.inText, 'i'))
  await client.query('analyze forget_found; analyze forget_readers')
}

/** Bytes that are no text are looked through here: Postgres cannot. */
const findInBytes = async ({ client }: Session, pattern: RegExp): Promise<void> => {
  let after: readonly [number, string, string] = [0, '', '']
  for (;;) {
    const { rows } = await client.query<BytesRow>(nextBytes, [...after])
    const last = rows.at(-1)
    if (last === undefined) return
    const found = rows.filter(({ payload }) => pattern.test(textOf({ payload, payloadKind: 'base64' })))
    await client.query(
      'insert into forget_found select * from unnest($1::integer[], $2::text[]) on conflict do nothing',
      [found.map(({ rows_of }) => rows_of), found.map(({ reject_key }) => reject_key)],
    )
    after = [last.connection_key, last.stream, last.reject_key]
  }
}
