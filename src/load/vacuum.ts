import type { Session } from '../warehouse/session.ts'

/** Gives the space of erased rows back to their tables, so that it is overwritten; outside any transaction. */
export const vacuumErased = async ({ client }: Session): Promise<void> => {
  for (const table of ['call_recordings', 'source_records', 'rejected_records', 'follow_ups', 'exported_rows']) {
    await client.query(`vacuum reelhouse.${table}`)
  }
}
