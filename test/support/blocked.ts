import { setTimeout as sleep } from 'node:timers/promises'
import type { TestDatabase } from './database.ts'

/** Polls until the condition holds; fails after half a minute. */
export const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const deadline = Date.now() + 30_000; !(await holds()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
  }
}

/** Polls until a command has opened its session for the purpose (`locks`, `migrate`). */
export const untilSession = (database: TestDatabase, purpose: string): Promise<void> =>
  until(`there is a session for ${purpose}`, async () => {
    const sessions = await database.rows(
      'select from pg_stat_activity where datname = current_database() and application_name = $1',
      [`reelhouse ${purpose}`],
    )
    return sessions.length > 0
  })

export interface Barrier {
  /** Resolves when a process waits before it. */
  reached(): Promise<void>
  open(): Promise<void>
}

/** Whoever writes rows waits until it is opened: a load or a re-mapping stands still in the middle of its transaction. */
export const barRows = async (database: TestDatabase): Promise<Barrier> => {
  const session = await database.session()
  await session.client.query('begin')
  await session.client.query('lock table reelhouse.call_recordings in share row exclusive mode')
  return {
    reached: () =>
      until('a process waits for the rows', async () => {
        const waiting = await database.rows(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
        return waiting.length > 0
      }),
    open: async () => void (await session.client.query('rollback')),
  }
}
