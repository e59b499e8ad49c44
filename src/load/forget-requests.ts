import type { Identifier, IdentifierKind } from '../domain/forgotten.ts'
import type { DigestKey } from '../transform/digest-key.ts'
import { digitsOf } from '../transform/number-notations.ts'
import type { Session } from '../warehouse/session.ts'
import { type KeptDigest, keepDigests, lockForForget } from './forgotten.ts'
import { inReadCommitted } from './transaction.ts'

/** A person, and whose rows are searched; null = those of all connections. */
export interface Person extends Identifier {
  readonly connectionKey: number | null
}

export interface ForgetRequest {
  readonly requestKey: number
  /** Until when what belongs to the person stays out. */
  readonly cutOff: string
}

const digestKinds = {
  phone: ['phone', 'digits'],
  email: ['email'],
  conversation: ['conversation'],
} as const satisfies Record<IdentifierKind, readonly KeptDigest['kind'][]>

const textsOf = (kind: KeptDigest['kind'], { value }: Identifier): readonly string[] =>
  kind === 'digits' ? digitsOf(value) : [value]

const digestsOf = (key: DigestKey, person: Person): readonly KeptDigest[] =>
  digestKinds[person.kind].flatMap((kind) =>
    textsOf(kind, person).map((text) => ({
      kind,
      digest: key.digest(kind, text),
      connectionKey: person.connectionKey,
    })),
  )

/** What was begun and not ended goes on. */
const begin = `
  with begun as (
    update reelhouse.forget_requests
    set invocation_id = $1, cut_off = now()
    where kind = $2 and identifier_hmac = $3 and connection_key is not distinct from $5 and erased_at is null
    returning request_key, cut_off
  ),
  added as (
    insert into reelhouse.forget_requests (invocation_id, kind, identifier_hmac, key_fingerprint, connection_key, cut_off)
    select $1, $2, $3, $4, $5, now()
    where not exists (select from begun)
    returning request_key, cut_off
  )
  select request_key as "requestKey", to_char(cut_off, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "cutOff" from begun
  union all
  select request_key, to_char(cut_off, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from added
  limit 1`

/** A digest with a later cut-off is another row: whoever loads reads what was added. */
const takeBack = `
  delete from reelhouse.forgotten f
  using unnest($1::text[], $2::text[]) as d (kind, digest)
  where f.kind = d.kind and f.identifier_hmac = d.digest and f.connection_key is not distinct from $3`

/**
 * From its commit on no batch brings in what the person began before now: a transaction of its own, which waits for the
 * batches that are at it, so that erasing takes what they have written.
 */
export const publishRequest = (
  session: Session,
  key: DigestKey,
  person: Person,
  invocationId: string,
): Promise<ForgetRequest> =>
  inReadCommitted(session, async () => {
    await session.client.query(lockForForget)
    const digests = digestsOf(key, person)
    const { rows } = await session.client.query<ForgetRequest>(begin, [
      invocationId,
      person.kind,
      key.digest(person.kind, person.value),
      key.fingerprint,
      person.connectionKey,
    ])
    await session.client.query(takeBack, [
      digests.map(({ kind }) => kind),
      digests.map(({ digest }) => digest),
      person.connectionKey,
    ])
    await keepDigests(session, key, digests)
    const [request] = rows
    if (request === undefined) throw new TypeError('a request that was begun has a key')
    return request
  })

const earlier = `
  select to_char(max(erased_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
  from reelhouse.forget_requests
  where kind = $1 and identifier_hmac = any ($2::text[]) and (connection_key is null or connection_key = $3)`

/** When the person was forgotten last; null = never. */
export const forgottenAt = async (
  session: Session,
  keys: readonly DigestKey[],
  { kind, value, connectionKey }: Person,
): Promise<string | null> => {
  const digests = keys.map((key) => key.digest(kind, value))
  const { rows } = await session.client.query<{ readonly at: string | null }>(earlier, [kind, digests, connectionKey])
  return rows[0]?.at ?? null
}
