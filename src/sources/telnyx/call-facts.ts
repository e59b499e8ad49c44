import type { EpochMicros } from '../../domain/instant.ts'
import type { Direction, Stated } from '../../domain/recording-row.ts'
import { compileDirectionReader } from '../../transform/direction.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileReadMember, compileTextMember } from '../../transform/member.ts'
import type { PhoneReader } from '../../transform/phone.ts'
import { callLegId, fromText, toText } from './fields.ts'

/** What a `call.initiated` event says of one leg. Kept of the event: nothing else, so no name of a caller is. */
const keptOfEvent = ['call_leg_id', 'call_session_id', 'direction', 'from', 'to'] as const

const metadata = compileMember('metadata')
const payload = compileMember('payload')
const data = compileMember('data')

/** The row itself, and the raw event in its metadata, whole or only its payload, outermost first. */
const layersOf = (row: JsonObject): readonly JsonObject[] => {
  const raw = metadata(row)
  const event = isJsonObject(raw) ? (data(raw) ?? raw) : undefined
  const inner = isJsonObject(event) ? payload(event) : undefined
  return [row, raw, event, inner].filter(isJsonObject)
}

const firstText = (layers: readonly JsonObject[], name: string): Stated<string> => {
  const member = compileTextMember(name)
  return layers.map((layer) => member(layer, [])).find((text) => typeof text === 'string')
}

/** The facts of one row of `/call_events`; null when it is none of a call that was initiated. */
export const callFacts = (row: JsonObject): JsonObject | null => {
  const layers = layersOf(row)
  const name = firstText(layers, 'name') ?? firstText(layers, 'event_type')
  if (name !== undefined && name !== null && name !== 'call.initiated') return null
  const at = firstText(layers, 'event_timestamp') ?? firstText(layers, 'occurred_at')
  return Object.fromEntries(
    [...keptOfEvent.map((key) => [key, firstText(layers, key)]), ['occurred_at', at]].filter(
      ([, value]) => value !== undefined,
    ),
  )
}

const readInstant = compileInstantReader({})
const occurredAt = compileReadMember('occurred_at', readInstant, null)
const directionOf = compileReadMember('direction', compileDirectionReader({ inbound: [], outbound: [] }), null)

const timeOf = (facts: JsonObject): EpochMicros => occurredAt(facts, []) ?? Number.POSITIVE_INFINITY

const earliestOf = (events: readonly JsonObject[]): JsonObject | undefined =>
  events.reduce<JsonObject | undefined>(
    (earliest, event) => (earliest === undefined || timeOf(event) < timeOf(earliest) ? event : earliest),
    undefined,
  )

export interface CallView {
  readonly direction: Direction | null
  readonly from: string | null
  readonly to: string | null
}

const phoneOf = (text: Stated<string>, readPhone: PhoneReader): string | null => {
  const reading = typeof text === 'string' ? readPhone(text) : null
  return reading?.kind === 'value' ? reading.value : null
}

/**
 * The call as its customer sees it. A forwarded inbound call has an outgoing leg in the same session, so the direction is
 * that of the earliest leg; the numbers are those of the recorded leg, where an event tells of it.
 */
export const callView = (events: readonly JsonObject[], legId: Stated<string>, readPhone: PhoneReader): CallView => {
  const earliest = earliestOf(events)
  const leg = events.find((event) => typeof legId === 'string' && callLegId(event, []) === legId) ?? earliest
  return {
    direction: earliest === undefined ? null : (directionOf(earliest, []) ?? null),
    from: leg === undefined ? null : phoneOf(fromText(leg, []), readPhone),
    to: leg === undefined ? null : phoneOf(toText(leg, []), readPhone),
  }
}
