import type { Direction, Stated } from '../../domain/recording-row.ts'
import { compileDirectionReader } from '../../transform/direction.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import type { Session } from './conversation.ts'

const readDirection = compileDirectionReader({ inbound: [], outbound: [] })
const readPhone = compilePhoneReader(null)

const ofConversation = compileReadMember('originatingDirection', readDirection, null)
const ofSession = compileReadMember('direction', readDirection, null)

/** How the conversation began; null = nobody says. */
export const directionOf = (conversation: JsonObject, primary: Session | undefined, notes: Notes): Direction | null =>
  ofConversation(conversation, notes) ?? (primary === undefined ? null : (ofSession(primary.session, notes) ?? null))

const aniOf = compileReadMember('ani', readPhone, null)
const dnisOf = compileReadMember('dnis', readPhone, null)
const callbackNumbers = compileMember('callbackNumbers')

export interface Numbers {
  readonly calling: Stated<string>
  readonly called: Stated<string>
}

/** Written `tel:+E164`; a SIP address or `anonymous` is no number. A callback calls the number that was left. */
export const numbersOf = (primary: Session | undefined, notes: Notes): Numbers => {
  if (primary === undefined) return { calling: undefined, called: undefined }
  const { session } = primary
  const [first] = [callbackNumbers(session)].flat()
  const reading = typeof first === 'string' ? readPhone(first.trim()) : null
  const callback = reading?.kind === 'value' ? (reading.value ?? undefined) : undefined
  return { calling: aniOf(session, notes), called: callback ?? dnisOf(session, notes) }
}

const addressMembers = ['addressFrom', 'addressTo', 'addressSelf', 'addressOther'] as const
const [addressFrom, addressTo, addressSelf, addressOther] = addressMembers.map((name) => compileTextMember(name))

const folded = (addresses: readonly Stated<string>[]): readonly string[] =>
  addresses.flatMap((address) => (typeof address === 'string' ? [address.toLowerCase()] : []))

/** Addresses of a session of the customer. */
export interface Addresses {
  readonly customer: readonly string[]
  readonly own: readonly string[]
}

export const addressesOf = (primary: Session | undefined): Addresses => {
  if (primary === undefined) return { customer: [], own: [] }
  const { session } = primary
  const [from, to] = [addressFrom?.(session, []), addressTo?.(session, [])]
  const isOutbound = ofSession(session, []) === 'outbound'
  return {
    customer: folded([addressOther?.(session, []), isOutbound ? to : from]),
    own: folded([addressSelf?.(session, []), isOutbound ? from : to]),
  }
}

/** Who wrote, by the sender's address; undefined when it is neither's. */
export const directionByAddress = (address: string, { customer, own }: Addresses): Direction | undefined => {
  if (customer.includes(address.toLowerCase())) return 'inbound'
  return own.includes(address.toLowerCase()) ? 'outbound' : undefined
}

export const readNumber = (text: Stated<string>): string | null => {
  const reading = typeof text === 'string' ? readPhone(text.trim()) : null
  return reading?.kind === 'value' ? reading.value : null
}
