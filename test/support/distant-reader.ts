import type { Session } from '../../src/warehouse/session.ts'
import type { TestDatabase } from './database.ts'

/** A session from the other side of the world: the zone of who reads a view decides nothing. */
export const openDistantReader = async (database: TestDatabase): Promise<Session> => {
  const session = await database.session()
  await session.client.query("set timezone to 'Pacific/Kiritimati'")
  return session
}

/** Microseconds since 1970 of an instant in ISO form. */
export const micros = (text: string): number => Date.parse(text) * 1000
