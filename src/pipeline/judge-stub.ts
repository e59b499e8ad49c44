import type { KnownRecord } from '../domain/known-record.ts'
import type { Stub } from '../sources/source.ts'

/** `use` the record that the listing shows; `fetch` it, for the listing shows none, or one poorer than what is stored. */
export type Judgement = 'unchanged' | 'forgotten' | 'use' | 'fetch'

/**
 * It tells of something joined to a record (a transcript), and not of the record: no sign that the record itself is still
 * there.
 */
export const tellsOfJoinOnly = ({ windowAt, version, joinedVersion, fingerprint, record }: Stub): boolean =>
  joinedVersion !== null && windowAt === null && version === null && fingerprint === null && record === undefined

const isNewer = (stated: number | null, stored: number | null): boolean =>
  stated !== null && (stored === null || stated > stored)

/** Nothing that the stub states is newer than what is stored; what it does not state is no news. */
export const isUnchanged = (stub: Stub, known: KnownRecord): boolean => {
  if (known.outcome === 'deleted' && !tellsOfJoinOnly(stub)) return false
  return (
    (stub.fingerprint === null || stub.fingerprint === known.fingerprint) &&
    !isNewer(stub.version, known.version) &&
    !isNewer(stub.joinedVersion, known.joinedVersion)
  )
}

/** `force`: what is stored and unchanged is read again, too. */
export const judge = (stub: Stub, known: KnownRecord | undefined, force: boolean): Judgement => {
  if (known?.outcome === 'forgotten') return 'forgotten'
  if (known !== undefined && !force && isUnchanged(stub, known)) return 'unchanged'
  const joinsAreOlder = isNewer(known?.joinedVersion ?? null, stub.joinedVersion)
  return stub.record === undefined || joinsAreOlder ? 'fetch' : 'use'
}
