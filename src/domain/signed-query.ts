import { redacted } from './secret.ts'
import { lastSecretValue } from './secret-parameter.ts'

/** A query or fragment in running text, also one of a percent-encoded address: up to white space or what quotes an address. */
const queries = /([?#]|%(?:25)*(?:3f|23)|\\u00(?:3f|23))[^\s"<>`]+/gi

/**
 * Ends the value of a parameter where an address stands in CSV, Markdown or escaped JSON. JSON may escape some characters of
 * the value itself: `\/`, `\u0026`, `\u002b`.
 */
const valueEnd = /[,'|)\]}]|(?<!\\)\\+(?![\\/]|u00(?:25|26|2b|2f|3d))/gi

const scrubQuery = (query: string, start: string): string => {
  const value = lastSecretValue(query)
  if (value === null) return query
  valueEnd.lastIndex = value
  const end = valueEnd.exec(query)?.index ?? query.length
  return `${start}${redacted}${query.slice(end)}`
}

const scrubQueries = (text: string): string =>
  text.includes('=') || /%(?:25)*3d|\\u003d/i.test(text) ? text.replace(queries, scrubQuery) : text

const userinfos = /(:(?:\\*\/){2})[^\s"<>/\\?#]*@/g

const postgresUrls = /(postgres(?:ql)?:(?:\\*\/){2})([^\s"<>?]+)/gi

/** It ends at the last `@` before the query: drivers take a password with an unencoded `/`, `#` or `@` in it. */
const scrubPostgres = (url: string, scheme: string, rest: string): string => {
  const at = rest.lastIndexOf('@')
  return at === -1 ? url : `${scheme}${redacted}${rest.slice(at)}`
}

const scrubUserinfo = (text: string): string =>
  text.includes('@') && text.includes('/')
    ? text.replace(postgresUrls, scrubPostgres).replace(userinfos, `$1${redacted}@`)
    : text

/** An assignment and userinfo have one of them, however they are written; most texts have none. */
const telling = /[=@%\\]/

/**
 * A text with the queries of signed links replaced by `?[redacted]`, and userinfo in addresses by `[redacted]@`: for all that
 * is logged, and for payloads that are kept raw. Where it cannot see the end of a query it redacts too much. Linear in the
 * length of the text; repeating it changes nothing.
 */
export const scrubSignedQueries = (text: string): string =>
  telling.test(text) ? scrubUserinfo(scrubQueries(text)) : text
