import type { Direction, Stated } from '../../domain/recording-row.ts'
import { compileReadMember, type Notes } from '../../transform/member.ts'
import { compilePhoneReader, type PhoneReader } from '../../transform/phone.ts'
import { callView } from './call-facts.ts'
import { directionByNumbers, type OwnNumbers } from './direction.ts'
import type { Envelope } from './envelope.ts'
import { callLegId, fromText, toText } from './fields.ts'

export interface Parties {
  readonly from: Stated<string>
  readonly to: Stated<string>
  readonly direction: Stated<Direction>
  /** Call events may say more: the direction is not known, or the recording names only one party, or none. */
  readonly isOpen: boolean
}

export interface PartySettings {
  /** A list: these and no others are the account's. `account`: what the record says of it. Undefined: nobody knows. */
  readonly own_numbers: 'account' | readonly string[] | undefined
  readonly default_country?: string | undefined
  /** Call events are asked for where something is open, and rows wait for them. */
  readonly call_events: boolean
}

const e164 = (number: string, readPhone: PhoneReader): string | null => {
  const reading = readPhone(number.trim())
  return reading.kind === 'value' ? reading.value : null
}

type OwnNumbersOf = (envelope: Envelope) => OwnNumbers | null

const compileOwnNumbers = ({ own_numbers }: PartySettings, readPhone: PhoneReader): OwnNumbersOf => {
  if (own_numbers === undefined) return () => null
  if (own_numbers === 'account') {
    return ({ own_numbers: found }) =>
      found === undefined ? null : { has: (number) => found.includes(number), complete: false }
  }
  const listed = new Set(own_numbers.map((number) => e164(number, readPhone)))
  const own: OwnNumbers = { has: (number) => listed.has(number), complete: true }
  return () => own
}

const unlessNull = <T>(stated: Stated<T>): Stated<T> => stated ?? undefined

/**
 * Both numbers of a recording and its direction: of the recording itself, and where that leaves them open, of call events.
 * Events that were not asked for say nothing: what they said before is stored, and no null of the recording clears it.
 */
export const compileParties = (settings: PartySettings): ((envelope: Envelope, notes: Notes) => Parties) => {
  const readPhone = compilePhoneReader(settings.default_country ?? null)
  const ownNumbersOf = compileOwnNumbers(settings, readPhone)
  const fromOf = compileReadMember('from', readPhone, null)
  const toOf = compileReadMember('to', readPhone, null)
  return (envelope, notes) => {
    const { recording, events } = envelope
    const stated = { from: fromOf(recording, notes), to: toOf(recording, notes) }
    const call = callView(events ?? [], callLegId(recording, []), readPhone)
    const from = stated.from ?? call.from ?? stated.from
    const to = stated.to ?? call.to ?? stated.to
    const byNumbers = directionByNumbers(from, to, ownNumbersOf(envelope))
    const direction = byNumbers ?? call.direction ?? byNumbers
    const names = [from ?? fromText(recording, []), to ?? toText(recording, [])]
    const isOpen = direction == null || names.some((name) => name == null)
    if (!settings.call_events || events !== undefined) return { from, to, direction, isOpen }
    return { from: unlessNull(from), to: unlessNull(to), direction: unlessNull(direction), isOpen }
  }
}
