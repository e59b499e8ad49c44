import type { Stated } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileTextMember, type Notes } from '../../transform/member.ts'
import { emailOfContact } from './contacts.ts'
import type { Envelope } from './envelope.ts'
import type { Parties, Party } from './parties.ts'

export interface NameSettings {
  readonly contacts: boolean
  readonly caller_names: boolean
}

export interface Names {
  readonly first: Stated<string>
  readonly last: Stated<string>
  readonly externalId: Stated<string>
  readonly email: Stated<string>
}

const firstName = compileTextMember('first_name')
const lastName = compileTextMember('last_name')
const displayName = compileTextMember('display_name')
const externalId = compileTextMember('external_id')

interface FullName {
  readonly first: string | null
  readonly last: string | null
}

/** `DOE, JO` names the last name first; else it is the last word. One word is a first name. */
const split = (name: string): FullName => {
  const [, last, first] = /^([^,]+),\s*(\S.*)$/.exec(name) ?? []
  if (last !== undefined && first !== undefined) return { first, last }
  const words = name.split(/\s+/)
  const final = words.length > 1 ? (words.at(-1) ?? null) : null
  return { first: words.slice(0, Math.max(1, words.length - 1)).join(' '), last: final }
}

/** What networks write for a caller without a name: the number again, or a word for one that is withheld. */
const noName = /^[\d\s()+.#*-]*$|^(?:anonymous|unknown|unavailable|restricted|private|wireless caller|blocked)$/i

const ofCallerId = ({ name }: Party): FullName | null => (name === null || noName.test(name) ? null : split(name))

const ofContact = (contact: JsonObject, notes: Notes): FullName | null => {
  const [first, last] = [firstName(contact, notes) ?? null, lastName(contact, notes) ?? null]
  if (first !== null || last !== null) return { first, last }
  const shown = displayName(contact, notes)
  return typeof shown === 'string' && !noName.test(shown) ? split(shown) : null
}

/** Of the person whose names are wanted. What no setting asks for is not stated. */
export const readNames = (
  { contact }: Pick<Envelope, 'contact'>,
  { from, person }: Parties,
  settings: NameSettings,
  notes: Notes,
): Names => {
  const asks = settings.contacts || settings.caller_names
  const written = from === undefined ? undefined : from.email
  if (person === null) {
    const none = asks ? null : undefined
    return { first: none, last: none, externalId: settings.contacts ? null : undefined, email: written }
  }
  const isOpen = person === undefined || (settings.contacts && contact === undefined)
  const found = contact == null ? null : ofContact(contact, notes)
  const called = settings.caller_names && person !== undefined ? ofCallerId(person) : null
  const otherwise = isOpen || !asks ? undefined : null
  const name = settings.contacts ? (found ?? called) : called
  return {
    first: name === null ? otherwise : name.first,
    last: name === null ? otherwise : name.last,
    externalId: contact == null ? contact : (externalId(contact, notes) ?? null),
    email: (contact == null ? null : emailOfContact(contact)) ?? written,
  }
}
