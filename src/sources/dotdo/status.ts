import type { EpochMicros } from '../../domain/instant.ts'
import { latest } from '../../domain/latest.ts'
import type { Notes } from '../../transform/member.ts'
import type { Told } from './events.ts'
import { statusOf, versionOf } from './fields.ts'

export type Status = 'processing' | 'completed' | 'failed' | 'deleted' | 'expired'

const statuses: Readonly<Record<string, Status>> = { completed: 'completed', failed: 'failed', deleted: 'deleted' }

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** A status that no page names is taken for one before the end; a record without one is complete when it has audio. */
const statedIn = ({ record }: Told, notes: Notes): Status => {
  const otherwise = isText(record.url) || isText(record.secureUrl) ? 'completed' : 'processing'
  const stated = (statusOf(record, notes) ?? otherwise).toLowerCase()
  return Object.hasOwn(statuses, stated) ? (statuses[stated] ?? 'processing') : 'processing'
}

/** The record of an event that was sent late may tell of what came after the event. */
const hasGoneOn = ({ record, at }: Told): boolean => {
  const version = versionOf(record, [])
  return version !== null && at !== null && version > at
}

/** What an event says, or the record; of what has ended nothing goes on. */
export const statusIn = (told: Told, notes: Notes): Status => {
  const { effect } = told
  if (effect === 'deleted' || effect === 'expired') return effect
  return effect === 'as-is' || effect === 'none' || hasGoneOn(told) ? statedIn(told, notes) : effect
}

/**
 * Microseconds that order what happened at one instant: timestamps are whole seconds, logs are in no order, and events are
 * sent again. The later stage wins.
 */
const stages: Readonly<Record<Status, number>> = { processing: -1, completed: 0, failed: 0, expired: 1, deleted: 2 }

/** Of a record what it states; of an event that or its own time, the later one. Null when there is neither. */
export const versionIn = (told: Told, notes: Notes): EpochMicros | null => {
  const { record, isEvent, at } = told
  const version = latest(versionOf(record, notes), at)
  return version === null || !isEvent ? version : version + stages[statusIn(told, [])]
}
