import { afterEach, test } from 'vitest'
import { until } from '../../support/blocked.ts'
import { expectRecovery, syncUninterrupted } from '../../support/crash-case.ts'
import { createLoadScenario, type LoadScenario, smallBatches } from '../../support/load-scenario.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('SIGKILL while a commit is on its way')

let scenario: LoadScenario
afterEach(() => scenario.close())

/** Commits take two seconds from now on, wherever counters are written. */
const slowCommits = `
  create function reelhouse.wait() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return null; end $$;
  create constraint trigger slow after update of listed on reelhouse.runs
    deferrable initially deferred for each row execute function reelhouse.wait()`

test('a sync that is killed while its commit is on its way is completed by one that begins before it arrives', async () => {
  const uninterrupted = await syncUninterrupted()
  scenario = await createLoadScenario()
  const { database, workplace } = scenario
  await database.rows(slowCommits)
  const killed = workplace.start(['sync'], smallBatches)
  await until('it commits', async () => {
    const waiting = await database.rows(
      "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
    )
    return waiting.length > 0
  })
  killed.kill('SIGKILL')
  await killed.ended
  // Later commits are as fast as ever; this waits for no one.
  await database.rows(
    'create or replace function reelhouse.wait() returns trigger language plpgsql as $$ begin return null; end $$',
  )
  await expectRecovery(scenario, uninterrupted)
})
