import type { Session } from '../warehouse/session.ts'

/** Deletes everything that Reelhouse has in this database: for the demo's own. */
export const dropSchema = async (session: Session): Promise<void> => {
  await session.client.query('drop schema if exists reelhouse cascade')
}
