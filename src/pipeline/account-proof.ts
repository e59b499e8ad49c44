import { ConfigError, TransientError } from '../domain/errors.ts'
import type { Fetched } from '../sources/source.ts'
import { fetchEach } from './fetch-each.ts'
import { provesSince } from './retained.ts'
import { isNoId } from './stub-key.ts'
import type { WindowReading } from './window-reading.ts'

/** Stored records that are asked for. */
const sampled = 5

/** What is refused, or is not to be had, may be another account's as well; what the source is still making is there. */
const isShown = (fetched: Fetched): boolean =>
  fetched.kind === 'record' || (fetched.kind === 'unavailable' && fetched.reason !== undefined)

/**
 * Whether the source shows any of the newest records that are stored; also when there are none that it still keeps. The first
 * is asked for by itself: it is enough as a rule, and a wrong key is tried once, not for several requests that are under way
 * together. Throws TransientError when none is shown and there was no answer for some: that is no other account.
 */
const showsStored = async (reading: WindowReading): Promise<boolean> => {
  const since = provesSince(reading.stream, reading.now())
  const newest = (await reading.loader.newestRecords(sampled, since)).filter(({ recordId }) => !isNoId(recordId))
  if (newest.length === 0) return true
  let unanswered = false
  for (const refs of [newest.slice(0, 1), newest.slice(1)]) {
    for await (const fetched of fetchEach(reading, refs)) {
      if (isShown(fetched)) return true
      unanswered ||= fetched.kind === 'unavailable' && fetched.unanswered === true
    }
  }
  if (unanswered) throw noAnswer(reading.connectionId)
  return false
}

const noAnswer = (connectionId: string): TransientError =>
  new TransientError(
    `connection ${connectionId}: the source gave no answer for stored records, so it is not known whether it is their account; run the command again`,
  )

const otherAccount = (connectionId: string, consequence: string): ConfigError =>
  new ConfigError([
    `connection ${connectionId}: the source has none of the newest records that are stored, so ${consequence}. ` +
      'If credentials or address are of another account, put back the right ones, or give the other account a connection of its own; ' +
      'if everything was deleted there, run the command once with --accept-account',
  ])

/**
 * New credentials may be of another account, whose records would mix with the stored ones: before anything is read with
 * them, they must show some of what is stored. Throws ConfigError.
 */
export const requireSameAccount = async (reading: WindowReading, accepted: boolean): Promise<void> => {
  const { loader, connectionId, accountFingerprint } = reading
  if (accountFingerprint === undefined) return
  const before = await loader.accountFingerprint()
  if (before === accountFingerprint) return
  if (before !== null && !accepted && !(await showsStored(reading))) {
    throw otherAccount(connectionId, 'nothing was read')
  }
  await loader.rememberAccount(accountFingerprint)
}

/**
 * Whether the source shows anything of what is stored. That it has no such record is proof of a deletion only while it has
 * others: a source that has lost its mind has none of them, and says so of each. One for each run.
 */
export class AccountProof {
  #proven: boolean

  /** `accepted`: the operator has looked, and the account is empty indeed. */
  constructor(accepted: boolean) {
    this.#proven = accepted
  }

  /** The source has shown a record that is stored. */
  seen(): void {
    this.#proven = true
  }

  /** Before a record is marked as deleted. Throws ConfigError when the source shows none of the newest that are stored. */
  async require(reading: WindowReading): Promise<void> {
    this.#proven ||= await showsStored(reading)
    if (!this.#proven) throw otherAccount(reading.connectionId, 'nothing is marked as deleted')
  }
}
