import { createBoundedCache } from '../../transform/bounded-cache.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileTextMember, objectsOf } from '../../transform/member.ts'
import type { Query } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { refusals, type VoipbinApi } from './api.ts'
import type { Joining } from './joining.ts'
import type { Party } from './parties.ts'

const closed =
  'VoIPBIN does not let this key look up contacts, so names stay as they are; give the key that right, or set contacts: false'

const numbers = 1000

const resultIn = compileMember('result')
const emailsIn = compileMember('emails')
const addressIn = compileTextMember('address')
const emailIn = compileTextMember('email')

/** A bare list, or one in `result`: no document says which. */
const contactsIn = (body: unknown): readonly JsonObject[] => {
  if (!isJsonObject(body)) return objectsOf(body)
  const result = resultIn(body)
  return result === undefined ? [body] : objectsOf(result)
}

/** The first address of a contact, which are texts or objects. */
export const emailOfContact = (contact: JsonObject): string | null => {
  const emails = emailsIn(contact)
  const [first]: readonly unknown[] = Array.isArray(emails) ? emails : []
  if (typeof first === 'string') return first.trim() === '' ? null : first.trim()
  return isJsonObject(first) ? (addressIn(first, []) ?? emailIn(first, []) ?? null) : null
}

const queryFor = ({ phone, email }: Party): Query | null => {
  if (phone !== null) return [['phone', phone]]
  return email === null ? null : [['email', email]]
}

/** Null: none, or several; undefined: this key may not look them up. */
const lookUp = async (api: VoipbinApi, query: Query, context: ReadContext): Promise<JsonObject | null | undefined> => {
  const answer = await api.one('/contacts/lookup', query, refusals, context)
  if (answer.status === 403 || answer.status === 400) {
    api.noticeOnce(closed, context)
    return undefined
  }
  const found = answer.status === 404 ? [] : contactsIn(answer.body)
  return found.length === 1 ? (found[0] ?? null) : null
}

/** The contact with the number or address, if it is exactly one; each is looked up once while the source is open. */
export const compileContactOf = (api: VoipbinApi): Joining['contactOf'] => {
  const known = createBoundedCache<Promise<JsonObject | null | undefined> | null>(numbers)
  return async (party, context: ReadContext) => {
    const query = queryFor(party)
    if (query === null) return null
    const key = JSON.stringify(query)
    const before = known.get(key) ?? null
    if (before !== null) return before
    const contact = lookUp(api, query, context)
    known.set(key, contact)
    const forget = () => known.set(key, null)
    contact.then((found) => found === undefined && forget(), forget)
    return contact
  }
}
