import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { Notes } from '../../transform/member.ts'
import { compileTime } from './times.ts'

/**
 * What an event does to the row of its recording. A word: the recording has that status from then on, whatever the record
 * says; `as-is`: what the record says; `expired`: its audio is gone, the row stays; `none`: nothing that a row shows.
 */
type Effect = 'processing' | 'completed' | 'failed' | 'deleted' | 'expired' | 'as-is' | 'none'

const effects: Readonly<Record<string, Effect>> = {
  created: 'as-is',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  updated: 'as-is',
  deleted: 'deleted',
  downloaded: 'none',
  transcribed: 'as-is',
  analyzed: 'none',
  redacted: 'as-is',
  compressed: 'as-is',
  expired: 'expired',
  autodeleted: 'deleted',
}

/** A record, with what its event adds to it. */
export interface Told {
  readonly record: JsonObject
  readonly isEvent: boolean
  readonly effect: Effect
  /** When the event was sent; null = there is no event, or it does not say. */
  readonly at: EpochMicros | null
}

const wordOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, '')

const timestamp = compileTime('timestamp')

const effectOf = (event: string): Effect | null => {
  const [action = '', ...before] = event.split('.').reverse()
  const resource = before.length === 0 ? '' : wordOf(before[0] ?? '').replace(/s$/, '')
  if (resource !== '' && resource !== 'callrecording') return null
  const word = wordOf(action)
  return Object.hasOwn(effects, word) ? (effects[word] ?? null) : null
}

const isEvent = (found: JsonObject): found is JsonObject & { readonly event: string; readonly data: JsonObject } =>
  typeof found.event === 'string' && isJsonObject(found.data)

/** The record itself, or the one that an event is about. */
export const recordIn = (found: JsonObject): JsonObject => (isEvent(found) ? found.data : found)

/**
 * A bare record, or an event about one: `{event: "callRecording.completed", data, timestamp}`. Null for an event of
 * something else, or one that no page names.
 */
export const readTold = (found: JsonObject, notes: Notes): Told | null => {
  if (!isEvent(found)) return { record: found, isEvent: false, effect: 'as-is', at: null }
  const effect = effectOf(found.event)
  return effect === null ? null : { record: found.data, isEvent: true, effect, at: timestamp(found, notes) ?? null }
}
