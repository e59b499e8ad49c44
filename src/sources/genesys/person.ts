import type { Stated } from '../../domain/recording-row.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileTextMember, type Notes, objectsOf } from '../../transform/member.ts'
import { attributesOf, externalContactId, type Session } from './conversation.ts'
import type { Envelope } from './envelope.ts'

/** Whom a row is from. Undefined = it is not known whether there is such a thing. */
export interface Person {
  readonly first_name: Stated<string>
  readonly last_name: Stated<string>
  readonly email_address: Stated<string>
  readonly sender_ext_ref: Stated<string>
}

export const nobody: Person = { first_name: null, last_name: null, email_address: null, sender_ext_ref: null }

const firstNameOf = compileTextMember('firstName')
const lastNameOf = compileTextMember('lastName')
const personalEmail = compileTextMember('personalEmail')
const workEmail = compileTextMember('workEmail')
const otherEmail = compileTextMember('otherEmail')
const externalIds = compileMember('externalIds')
const externalSource = compileMember('externalSource')
const idOf = compileTextMember('id')
const externalValue = compileTextMember('value')

/** `source`: id of the external source, or `contact`. */
const referenceIn = (contact: JsonObject, source: string | undefined, notes: Notes): Stated<string> => {
  if (source === undefined) return undefined
  if (source === 'contact') return idOf(contact, notes) ?? null
  const found = objectsOf(externalIds(contact)).find((each) => {
    const ofSource = externalSource(each)
    return isJsonObject(ofSource) && idOf(ofSource, []) === source
  })
  return found === undefined ? null : (externalValue(found, notes) ?? null)
}

/** An external contact. */
export const contactPerson = (contact: JsonObject, source: string | undefined, notes: Notes): Person => ({
  first_name: firstNameOf(contact, notes) ?? null,
  last_name: lastNameOf(contact, notes) ?? null,
  email_address: personalEmail(contact, notes) ?? workEmail(contact, notes) ?? otherEmail(contact, notes) ?? null,
  sender_ext_ref: referenceIn(contact, source, notes),
})

/** Jobs show what a web form asked a customer for; answers without attributes say nothing of it. */
const formPerson = (participant: JsonObject, source: string | undefined): Person => {
  const attributes = attributesOf(participant)
  const attribute = (name: string): Stated<string> => {
    if (!isJsonObject(attributes)) return undefined
    const value = Object.hasOwn(attributes, name) ? attributes[name] : null
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  return {
    first_name: attribute('context.firstName'),
    last_name: attribute('context.lastName'),
    email_address: attribute('context.email'),
    sender_ext_ref: source === undefined ? undefined : null,
  }
}

/** What the first leaves open is the other's; where neither has it, the first decides whether that is known. */
export const orElse = (person: Person, other: Person): Person => {
  const stated = (name: keyof Person): Stated<string> => person[name] ?? other[name] ?? person[name]
  return {
    first_name: stated('first_name'),
    last_name: stated('last_name'),
    email_address: stated('email_address'),
    sender_ext_ref: stated('sender_ext_ref'),
  }
}

/**
 * The customer of a session: its external contact, and where that leaves something open the form it filled in. Its
 * participantName is no name: it may be the locality of a number.
 */
export const customerOf = (
  { contacts }: Envelope,
  primary: Session | undefined,
  source: string | undefined,
  notes: Notes,
): Person => {
  if (primary === undefined) return { ...nobody, sender_ext_ref: source === undefined ? undefined : null }
  const form = formPerson(primary.participant, source)
  const id = externalContactId(primary.participant, notes) ?? null
  if (id === null) return form
  const contact = contacts !== undefined && Object.hasOwn(contacts, id) ? contacts[id] : undefined
  if (!isJsonObject(contact)) {
    const known = (value: Stated<string>) => value ?? undefined
    return {
      first_name: known(form.first_name),
      last_name: known(form.last_name),
      email_address: known(form.email_address),
      sender_ext_ref: source === 'contact' ? id : undefined,
    }
  }
  const stated = orElse(contactPerson(contact, source, notes), form)
  return source === 'contact' ? { ...stated, sender_ext_ref: id } : stated
}

/** `Dana Lee Agent`: the last word is the last name; `Agent, Dana` the other way round. */
export const splitName = (name: Stated<string>): Pick<Person, 'first_name' | 'last_name'> => {
  if (typeof name !== 'string') return { first_name: name, last_name: name }
  const [, last, first] = /^([^,]+),\s*([^,]+)$/.exec(name) ?? []
  if (first !== undefined && last !== undefined) return { first_name: first.trim(), last_name: last.trim() }
  const words = name.trim().split(/\s+/)
  if (words.length === 1) return { first_name: words[0] ?? null, last_name: null }
  return { first_name: words.slice(0, -1).join(' '), last_name: words.at(-1) ?? null }
}

const nameOf = compileTextMember('name')
const emailOf = compileTextMember('email')

const usernameOf = compileTextMember('username')

const isAddress = (text: Stated<string>): text is string => typeof text === 'string' && /^[^\s@]+@[^\s@]+$/.test(text)

/** One of ours. */
export const agentPerson = (user: JsonObject, source: string | undefined, notes: Notes): Person => {
  const address = emailOf(user, notes) ?? usernameOf(user, notes)
  return {
    ...splitName(nameOf(user, notes) ?? null),
    email_address: isAddress(address) ? address : null,
    sender_ext_ref: source === undefined ? undefined : null,
  }
}
