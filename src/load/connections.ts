import type { ConnectionIdentity } from '../domain/connection.ts'
import { ConfigError } from '../domain/errors.ts'
import type { Session } from '../warehouse/session.ts'

/**
 * The key of a connection, given to it at first use. A known connection writes nothing. Throws ConfigError when the id
 * belongs to another source already: its rows would mix.
 */
export const connectionKeyOf = async (session: Session, connection: ConnectionIdentity): Promise<number> => {
  const known = await findConnection(session, connection.id)
  const found = known ?? (await registerConnection(session, connection))
  if (found.source !== connection.source) {
    throw new ConfigError([
      `connection ${connection.id}: its rows in the warehouse come from source "${found.source}", not "${connection.source}"; ` +
        'give the new connection an id of its own',
    ])
  }
  return found.connection_key
}

export const findConnection = (session: Session, id: string) =>
  session.db
    .selectFrom('connections')
    .select(['connection_key', 'source'])
    .where('connection_id', '=', id)
    .executeTakeFirst()

const registerConnection = async (session: Session, { id, source }: ConnectionIdentity) => {
  await session.db
    .insertInto('connections')
    .values({ connection_id: id, source })
    .onConflict((conflict) => conflict.column('connection_id').doNothing())
    .execute()
  return session.db
    .selectFrom('connections')
    .select(['connection_key', 'source'])
    .where('connection_id', '=', id)
    .executeTakeFirstOrThrow()
}

/** Of the credentials that were used last; null = none were. */
export const accountFingerprintOf = async (session: Session, connectionKey: number): Promise<string | null> => {
  const { account_fingerprint } = await session.db
    .selectFrom('connections')
    .select('account_fingerprint')
    .where('connection_key', '=', connectionKey)
    .executeTakeFirstOrThrow()
  return account_fingerprint
}

export const rememberAccount = async (session: Session, connectionKey: number, fingerprint: string): Promise<void> => {
  await session.db
    .updateTable('connections')
    .set({ account_fingerprint: fingerprint })
    .where('connection_key', '=', connectionKey)
    .execute()
}
