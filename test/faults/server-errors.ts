import type { TestDatabase } from '../support/database.ts'

/** SQLSTATEs that the server raises in the middle of a transaction, and what they mean. */
export const serverErrors = {
  '40001': 'serialization failure',
  '40P01': 'deadlock',
  '57014': 'statement timeout',
  '53100': 'disk full',
  '25006': 'read-only',
} as const

export type ServerError = keyof typeof serverErrors

const tables = ['call_recordings', 'source_records', 'rejected_records', 'follow_ups', 'runs', 'windows', 'coverage']

/** A sequence counts writes: what it counted stays counted when the transaction is rolled back, so that each error is raised once. */
const setUp = `
  create schema faults;
  create sequence faults.writes;
  create table faults.planned (nth bigint not null, state text not null);
  create function faults.raise_planned() returns trigger language plpgsql as $$
  declare planned faults.planned;
  begin
    select * into planned from faults.planned;
    if planned.nth = nextval('faults.writes') then
      raise exception 'raised on purpose' using errcode = planned.state;
    end if;
    return null;
  end $$;
  ${tables
    .map(
      (table) => `
  create trigger fault after insert or update or delete on reelhouse.${table} for each statement
    execute function faults.raise_planned();
  alter table reelhouse.${table} disable trigger fault;`,
    )
    .join('')}`

const switchAll = (how: 'enable' | 'disable'): string =>
  tables.map((table) => `alter table reelhouse.${table} ${how} trigger fault;`).join('\n')

export const prepareServerErrors = async (database: TestDatabase): Promise<void> => {
  await database.rows(setUp)
}

/** The `nth` statement that writes, from now on, fails so. */
export const planServerError = async (database: TestDatabase, state: ServerError, nth: number): Promise<void> => {
  await database.rows(
    `alter sequence faults.writes restart; insert into faults.planned values (${nth}, '${state}'); ${switchAll('enable')}`,
  )
}

/** Returns whether it was raised. */
export const endServerErrors = async (database: TestDatabase): Promise<boolean> => {
  const [met] = await database.rows<{ met: boolean }>(
    'select s.is_called and s.last_value >= p.nth as met from faults.writes s, faults.planned p',
  )
  await database.rows(`${switchAll('disable')} delete from faults.planned`)
  return met?.met ?? false
}
