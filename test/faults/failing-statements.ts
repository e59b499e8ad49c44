import type { TestDatabase } from '../support/database.ts'

export interface FailingStatements {
  /** Of the statements that write to our tables from now on, `times` fail after `at` have passed. */
  fail(at: number, times: number, state: string): Promise<void>
  stop(): Promise<void>
}

/**
 * Errors as Postgres raises them, on the server, wherever a statement writes. A sequence counts, because no rollback takes
 * back what it counted. The plan is the database's: one session of tests at a time.
 */
export const failingStatements = async (database: TestDatabase): Promise<FailingStatements> => {
  const tables = await database.rows<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'reelhouse' and tablename not like 'migrations%'",
  )
  await database.rows(`
    create schema fault;
    create sequence fault.statements;
    create table fault.plan (first bigint, last bigint, state text);
    create function fault.raise_as_planned() returns trigger language plpgsql as $$
    declare
      statement bigint := nextval('fault.statements');
      planned text := (select state from fault.plan where statement between first and last);
    begin
      if planned is not null then raise exception 'refused on purpose' using errcode = planned; end if;
      return null;
    end $$;
    ${tables
      .map(
        ({ name }) =>
          `create trigger fault before insert or update or delete on reelhouse.${name}
           for each statement execute function fault.raise_as_planned();`,
      )
      .join('\n')}`)
  const stop = async () => void (await database.rows('delete from fault.plan'))
  return {
    stop,
    fail: async (at, times, state) => {
      await stop()
      await database.rows('select setval($1, 1, false)', ['fault.statements'])
      await database.rows('insert into fault.plan values ($1, $2, $3)', [at + 1, at + times, state])
    },
  }
}
