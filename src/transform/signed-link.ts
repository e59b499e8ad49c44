import { type Reading, read } from './reading.ts'
import { lastSecretValue } from './secret-parameter.ts'

/** Addresses as most sources write them: nothing to decode, no query, no userinfo. They need no URL parser. */
const plainAddress = /^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/[\w.~!$'()*+,:@/-]*$/i

const stableScheme = /^(?:https?|s3|gs):\/\/[^\s/?#\\]/i

const control = /\p{Cc}/u

const isAddress = (text: string): boolean => stableScheme.test(text) && !control.test(text) && URL.canParse(text)

const hasUserinfo = (text: string): boolean => {
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

/** The path is read too: it may hold a token, or a whole signed link percent-encoded. */
const isSigned = (text: string): boolean => lastSecretValue(text) !== null || (text.includes('@') && hasUserinfo(text))

/**
 * The address of a recording as it may be stored: http(s), or a location in an object store (s3, gs).
 *
 * A link that carries its own credential (a signature, a token, an expiry, userinfo) is a secret that dies in minutes: it
 * is dropped with the note `signed-link-dropped`, and its value is undefined, because a recording exists and the source
 * gave no address to keep. Anything else is null with the note `url-unreadable`.
 */
export const stableUrl = (text: string): Reading<string | null | undefined> => {
  if (plainAddress.test(text)) return read(text)
  if (!isAddress(text)) return read(null, 'url-unreadable')
  return isSigned(text) ? read(undefined, 'signed-link-dropped') : read(text)
}

/** A query or fragment in running text: up to white space or what quotes an address. */
const queries = /[?#][^\s"<>`]+/g

/** Ends the value of a parameter where an address stands in CSV, Markdown or escaped JSON. */
const valueEnd = /[,'|)\]}\\]/g

const scrubQuery = (query: string): string => {
  const value = lastSecretValue(query)
  if (value === null) return query
  valueEnd.lastIndex = value
  const end = valueEnd.exec(query)?.index ?? query.length
  return `${query.charAt(0)}[redacted]${query.slice(end)}`
}

const userinfos = /(:\/\/|:\\\/\\\/)[^\s"<>/\\?#]*@/g

/**
 * A text with the queries of signed links replaced by `?[redacted]`, and userinfo in addresses by `[redacted]@`: for
 * payloads that are kept raw. Where it cannot see the end of a query it redacts too much. Linear in the length of the
 * text; repeating it changes nothing.
 */
export const scrubSignedQueries = (text: string): string => {
  const queried = text.includes('?') || text.includes('#') ? text.replace(queries, scrubQuery) : text
  return queried.includes('@') ? queried.replace(userinfos, '$1[redacted]@') : queried
}
