import type { Batch } from '../domain/batch.ts'
import { ConfigError } from '../domain/errors.ts'
import type { ForgottenDigest } from '../domain/forgotten.ts'
import type { Run } from '../domain/run.ts'
import type { DigestKey } from '../transform/digest-key.ts'
import { ForgottenSet } from '../transform/forgotten-set.ts'
import type { Session } from '../warehouse/session.ts'
import { micros } from './sql-instant.ts'
import { withoutForgotten } from './without-forgotten.ts'

/**
 * Taken by every batch before it looks at anything: LOCK takes no snapshot, so that a batch that waited for a forget sees what
 * it forgot. Batches do not exclude each other.
 */
const lockForBatch = 'lock table reelhouse.forgotten in row exclusive mode'

/** Waits for the batches that are at it, and keeps out others and other forgets until the end of the transaction. */
export const lockForForget = 'lock table reelhouse.forgotten in share row exclusive mode'

const newer = `
  select forgotten_key, kind, identifier_hmac as digest, key_fingerprint as fingerprint, connection_key as "connectionKey",
    ${micros('cut_off')} as "cutOff"
  from reelhouse.forgotten
  where forgotten_key > $1
  order by forgotten_key`

const keep = `
  insert into reelhouse.forgotten (kind, identifier_hmac, key_fingerprint, connection_key, cut_off)
  select d.kind, d.digest, $1, d.connection_key, now()
  from unnest($2::text[], $3::text[], $4::integer[]) as d (kind, digest, connection_key)
  on conflict (kind, identifier_hmac, connection_key) do nothing`

export type KeptDigest = Pick<ForgottenDigest, 'kind' | 'digest' | 'connectionKey'>

/** What is kept already is not written again. */
export const keepDigests = async (
  session: Session,
  { fingerprint }: DigestKey,
  digests: readonly KeptDigest[],
): Promise<void> => {
  if (digests.length === 0) return
  await session.client.query(keep, [
    fingerprint,
    digests.map(({ kind }) => kind),
    digests.map(({ digest }) => digest),
    digests.map(({ connectionKey }) => connectionKey),
  ])
}

/**
 * Whom and what was forgotten, for one connection's loads: read when it is opened, and what is new whenever it is asked.
 *
 * A forget adds its digests while no batch is at it, so in the order of their keys none is missed. Those that a batch adds may
 * be, and are known by the person instead.
 */
export class Forgotten {
  readonly #keys: readonly DigestKey[]
  readonly #set: ForgottenSet
  #lastKey = 0

  /** Today's key first. Without any, nothing may have been forgotten yet. */
  constructor(keys: readonly DigestKey[]) {
    this.#keys = keys
    this.#set = new ForgottenSet(keys)
  }

  /** Throws ConfigError when something was forgotten with a secret that is not at hand. */
  async refresh(session: Session): Promise<void> {
    const { rows } = await session.client.query<ForgottenDigest & { readonly forgotten_key: number }>(newer, [
      this.#lastKey,
    ])
    requireKeys(this.#keys, new Set(rows.map(({ fingerprint }) => fingerprint)))
    this.#set.add(rows)
    this.#lastKey = rows.at(-1)?.forgotten_key ?? this.#lastKey
  }

  /** Of these records those that were erased, or were left out because of whom they are. */
  async among(session: Session, rowConnectionKey: number, recordIds: readonly string[]): Promise<readonly string[]> {
    await this.refresh(session)
    return this.#set.isEmpty ? [] : recordIds.filter((recordId) => this.#set.holdsRecord(rowConnectionKey, recordId))
  }

  /** The batch without what was forgotten; the first thing in its transaction. */
  async leaveOut(session: Session, { rowConnectionKey }: Run, batch: Batch): Promise<Batch> {
    await session.client.query(lockForBatch)
    await this.refresh(session)
    const [key] = this.#keys
    if (this.#set.isEmpty || key === undefined) return batch
    const judged = withoutForgotten(batch, { forgotten: this.#set, connectionKey: rowConnectionKey })
    const unknown = judged.erased.filter((recordId) => !this.#set.holdsRecord(rowConnectionKey, recordId))
    const digests = unknown.map((recordId) => recordDigest(key, rowConnectionKey, recordId))
    await keepDigests(session, key, digests)
    return judged.batch
  }
}

export const recordDigest = (key: DigestKey, rowConnectionKey: number, recordId: string): KeptDigest => ({
  kind: 'record',
  digest: key.digest('record', recordId),
  connectionKey: rowConnectionKey,
})

const requireKeys = (keys: readonly DigestKey[], used: ReadonlySet<string>): void => {
  const known = new Set(keys.map(({ fingerprint }) => fingerprint))
  const lacking = [...used].filter((fingerprint) => !known.has(fingerprint))
  if (lacking.length === 0) return
  const name = lacking.join(', ')
  throw new ConfigError([
    keys.length === 0
      ? `persons were forgotten with a secret (fingerprint ${name}), and privacy.secret is not set: without it they would come back; set it as it was`
      : `persons were forgotten with another secret than privacy.secret (fingerprint ${name}): they would come back; put it back, or list it under privacy.previous_secrets`,
  ])
}
