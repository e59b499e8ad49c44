import type { Direction, RecordingRow, Stated } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import type { Envelope } from './envelope.ts'
import { compileObjectMember, typeOf } from './fields.ts'

export interface PartySettings {
  readonly person: 'sender' | 'customer'
  readonly sender_ref: 'externalId' | 'customerId'
  readonly default_country?: string | undefined
}

export type Parties = Pick<
  RecordingRow,
  | 'phone_number'
  | 'number_dialed_by_user'
  | 'message_direction'
  | 'first_name'
  | 'last_name'
  | 'sender_ext_ref'
  | 'email_address'
>

/** Calls of the web and of websockets have no direction, and no type says nothing. */
export const directionOf = (call: JsonObject, notes: Notes): Stated<Direction> => {
  const type = typeOf(call, notes)
  if (type === 'inboundPhoneCall') return 'inbound'
  if (type === 'outboundPhoneCall') return 'outbound'
  return type === undefined ? undefined : null
}

const customerOf = compileObjectMember('customer')
const phoneNumberOf = compileObjectMember('phoneNumber')
const numberText = compileTextMember('number')
const sipUriOf = compileTextMember('sipUri')
const twilioText = compileTextMember('twilioPhoneNumber')

/** A number that the call itself brings, of an account of the customer's own; undefined when it has none. */
export const inlineNumber = (call: JsonObject): string | undefined => {
  const inline = phoneNumberOf(call) ?? {}
  return twilioText(inline, []) ?? numberText(inline, []) ?? undefined
}

const nameOf = compileTextMember('name')
const emailOf = compileTextMember('email')
const externalIdOf = compileTextMember('externalId')
const customerIdOf = compileTextMember('customerId')

/** Up to the first blank, and the rest of it. */
const splitName = (name: Stated<string>): Pick<Parties, 'first_name' | 'last_name'> => {
  if (typeof name !== 'string') return { first_name: name, last_name: name }
  const [first = '', ...rest] = name.split(/\s+/)
  return { first_name: first, last_name: rest.length === 0 ? null : rest.join(' ') }
}

type Person = Pick<Parties, 'first_name' | 'last_name' | 'sender_ext_ref' | 'email_address'>

const alike = (value: null | undefined): Person => ({
  first_name: value,
  last_name: value,
  sender_ext_ref: value,
  email_address: value,
})

const compilePerson = ({ person, sender_ref }: PartySettings) => {
  const isShown = (direction: Stated<Direction>) => person === 'customer' || direction === 'inbound'
  return (call: JsonObject, direction: Stated<Direction>, notes: Notes): Person => {
    if (!isShown(direction)) return alike(direction === undefined ? undefined : null)
    const customer = customerOf(call)
    const found = customer ?? {}
    const otherwise: Person = customer === null ? alike(null) : alike(undefined)
    const reference = sender_ref === 'customerId' ? customerIdOf(call, notes) : externalIdOf(found, notes)
    return customer === null || customer === undefined
      ? { ...otherwise, sender_ext_ref: reference ?? otherwise.sender_ext_ref }
      : { ...splitName(nameOf(found, notes)), sender_ext_ref: reference, email_address: emailOf(found, notes) }
  }
}

/** Who calls whom: the customer's number is the call's, ours is that of the number by which Vapi calls or is called. */
export const compileParties = (settings: PartySettings): ((envelope: Envelope, notes: Notes) => Parties) => {
  const readPhone = compilePhoneReader(settings.default_country ?? null)
  const customerNumber = compileReadMember('number', readPhone, null)
  const ownNumberOf = compileReadMember('own_number', readPhone, null)
  const personOf = compilePerson(settings)
  const theirs = (call: JsonObject, notes: Notes): Stated<string> => {
    const customer = customerOf(call)
    if (customer === null || customer === undefined) return customer
    const number = customerNumber(customer, notes)
    return number === undefined && typeof sipUriOf(customer, []) === 'string' ? null : number
  }
  return ({ call, own_number }, notes) => {
    const direction = directionOf(call, notes)
    const person = personOf(call, direction, notes)
    if (direction === null || direction === undefined)
      return { ...person, message_direction: direction, phone_number: direction, number_dialed_by_user: direction }
    const ours = ownNumberOf({ own_number: inlineNumber(call) ?? own_number }, notes)
    const [phone_number, number_dialed_by_user] =
      direction === 'inbound' ? [theirs(call, notes), ours] : [ours, theirs(call, notes)]
    return { ...person, message_direction: direction, phone_number, number_dialed_by_user }
  }
}
