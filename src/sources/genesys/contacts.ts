import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import { listAt, memberOf, textAt } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { storedContact } from './envelope.ts'

/** Ids in one request. */
const atOnce = 50

const closed =
  'Genesys Cloud does not let this client see external contacts, so names stay as they are; give it externalContacts:contact:view, or set external_contacts: false'

/** Contacts by id; undefined when they are not open to this client. */
export type Contacts = ReadonlyMap<string, JsonObject>

const senseless = (detail: string): string =>
  `some external contacts cannot be read, so their names stay as they are: ${detail}`

/** False when contacts are not open to this client. What is refused for any other reason (an id that is none) stays unknown. */
const askSome = async (
  api: GenesysApi,
  ids: readonly string[],
  found: Map<string, JsonObject>,
  context: ReadContext,
): Promise<boolean> => {
  const body = { entities: ids.map((id) => ({ id })) }
  const request = { method: 'POST', path: '/api/v2/externalcontacts/bulk/contacts', body, accept: [403, 404] } as const
  const answer = await api.ask(request, context).catch((error: unknown) => {
    if (!(error instanceof SourceProtocolError)) throw error
    api.noticeOnce(senseless(error.message), context)
    return null
  })
  if (answer === null) return true
  if (answer.status >= 400) {
    api.noticeOnce(closed, context)
    return false
  }
  for (const result of listAt(answer.body, 'results')) {
    const contact = memberOf(result, 'entity')
    const id = textAt(result, 'id') ?? textAt(contact, 'id')
    if (id !== null && isJsonObject(contact)) found.set(id, contact)
  }
  return true
}

/** The id of the contact that it was merged into. */
const canonicalId = (contact: JsonObject): string | null => textAt(memberOf(contact, 'canonicalContact'), 'id')

/**
 * Answers come in any order, and may lack some: those stay unknown. A contact that was merged into another one is that other
 * one, under its own id.
 */
export const askContacts = async (
  api: GenesysApi,
  ids: readonly string[],
  context: ReadContext,
): Promise<Contacts | undefined> => {
  const found = new Map<string, JsonObject>()
  const ask = async (wanted: readonly string[]): Promise<boolean> => {
    for (let at = 0; at < wanted.length; at += atOnce)
      if (!(await askSome(api, wanted.slice(at, at + atOnce), found, context))) return false
    return true
  }
  if (!(await ask(ids))) return undefined
  const merged = [...found.values()].flatMap((contact) => canonicalId(contact) ?? []).filter((id) => !found.has(id))
  if (!(await ask([...new Set(merged)]))) return undefined
  return new Map(
    ids.flatMap((id) => {
      const contact = found.get(id)
      const canonical = contact === undefined ? undefined : found.get(canonicalId(contact) ?? '')
      const shown = canonical ?? contact
      return shown === undefined ? [] : [[id, storedContact(shown)] as const]
    }),
  )
}
