import type { Direction, Stated } from '../../domain/recording-row.ts'
import { compileDirectionReader } from '../../transform/direction.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import type { Envelope } from './envelope.ts'

/** One end of a call: an address. */
export interface Party {
  /** E.164, of a telephone; null for a SIP address, an extension, an agent. */
  readonly phone: string | null
  readonly email: string | null
  /** The caller id's name, of a telephone. */
  readonly name: string | null
}

/** Undefined: the call is not known, or does not say. */
export interface Parties {
  readonly from: Party | undefined
  readonly to: Party | undefined
  readonly direction: Stated<Direction>
  /** Whose names the row has: undefined when it is not known who that is, null when the settings want nobody's. */
  readonly person: Party | null | undefined
}

export interface PartySettings {
  readonly person: 'sender' | 'customer'
}

const sourceOf = compileMember('source')
const destinationOf = compileMember('destination')
const typeOf = compileTextMember('type')
const targetOf = compileTextMember('target')
const targetName = compileTextMember('target_name')
const directionOf = compileReadMember('direction', compileDirectionReader({ inbound: [], outbound: [] }), null)
const readPhone = compilePhoneReader(null)

const isTel = (address: unknown): address is JsonObject => isJsonObject(address) && typeOf(address, []) === 'tel'

/** Only the target of a telephone is a number; others are ids, extensions and SIP addresses. */
const phoneOf = (address: JsonObject, notes: Notes): string | null => {
  const target = isTel(address) ? targetOf(address, notes) : null
  const reading = typeof target === 'string' ? readPhone(target) : null
  if (reading?.kind !== 'value') return null
  if (reading.note !== null) notes.push(reading.note)
  return reading.value
}

const partyOf = (address: unknown, notes: Notes): Party | undefined => {
  if (!isJsonObject(address)) return undefined
  return {
    phone: phoneOf(address, notes),
    email: typeOf(address, []) === 'email' ? (targetOf(address, notes) ?? null) : null,
    name: isTel(address) ? (targetName(address, notes) ?? null) : null,
  }
}

/** Whether the caller or the called is on the telephone. */
export const isTelephone = (call: JsonObject): boolean => isTel(sourceOf(call)) || isTel(destinationOf(call))

const nobody: Party = { phone: null, email: null, name: null }

/** Nobody is the sender of a conference. */
const severalParties: Parties = { from: nobody, to: nobody, direction: null, person: null }

const unknownParties: Parties = { from: undefined, to: undefined, direction: undefined, person: undefined }

const personOf = ({ from, to, direction }: Omit<Parties, 'person'>, { person }: PartySettings): Parties['person'] => {
  if (direction === 'inbound') return from
  if (direction === 'outbound') return person === 'customer' ? to : null
  return direction === undefined ? undefined : null
}

const partiesOfCall = (call: JsonObject, settings: PartySettings, notes: Notes): Parties => {
  const sides = {
    from: partyOf(sourceOf(call), notes),
    to: partyOf(destinationOf(call), notes),
    direction: directionOf(call, notes),
  }
  return { ...sides, person: personOf(sides, settings) }
}

/** Both ends of the recorded call: of its own leg, which is not always the customer's. Of a conference, of its only telephone. */
export const readParties = (
  { call, participants }: Pick<Envelope, 'call' | 'participants'>,
  settings: PartySettings,
  notes: Notes,
): Parties => {
  if (call != null) return partiesOfCall(call, settings, notes)
  if (participants === undefined) return unknownParties
  const [only, second] = participants.filter(isTelephone)
  return only === undefined || second !== undefined ? severalParties : partiesOfCall(only, settings, notes)
}
