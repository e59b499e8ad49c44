import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import type { CallEvents } from './call-events.ts'
import { type Envelope, readEnvelope, storedEnvelope } from './envelope.ts'
import { idOf } from './fields.ts'
import { createdAtIn } from './listing.ts'
import { numbersIn, type OwnAmong } from './own-numbers.ts'
import type { compileParties } from './parties.ts'
import { pathOf } from './recording-path.ts'
import { callEventsDelay } from './waiting.ts'

/** What is asked to know the parties of a recording. */
export interface Joins {
  readonly ownAmong: OwnAmong
  readonly partiesOf: ReturnType<typeof compileParties>
  /** Null: switched off. */
  readonly callEvents: CallEvents | null
}

/** The recording leaves something open, events were not asked, and it is old enough at `at` for them to be there. */
export const lacksCallEvents = ({ partiesOf, callEvents }: Joins, envelope: Envelope, at: EpochMicros): boolean => {
  if (callEvents === null || envelope.events !== undefined || !callEvents.mayBeAsked()) return false
  const createdAt = createdAtIn(envelope.recording)
  return createdAt !== null && at >= createdAt + callEventsDelay && partiesOf(envelope, []).isOpen
}

/**
 * A recording as it was listed, with those of its numbers that are the account's own; undefined when it must be read by its
 * id, as call events are asked there: of one recording, at its own risk.
 */
export const joinListed = async (joins: Joins, record: unknown, context: ReadContext): Promise<unknown> => {
  const envelope = isJsonObject(record) && Object.hasOwn(record, 'recording') ? readEnvelope(record) : null
  if (envelope === null) return record
  const own_numbers = await joins.ownAmong(numbersIn(envelope.recording), context)
  const joined: Envelope = { ...envelope, own_numbers: own_numbers ?? envelope.own_numbers }
  const id = idOf(envelope.recording, []) ?? null
  const canBeFetched = id !== null && pathOf(id) !== null
  return canBeFetched && lacksCallEvents(joins, joined, Date.now() * 1000) ? undefined : storedEnvelope(joined)
}
