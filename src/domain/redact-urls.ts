const signedParameters = new Set([
  'signature',
  'sig',
  'accesskey',
  'accesskeyid',
  'awsaccesskeyid',
  'googleaccessid',
  'apikey',
  'xapikey',
  'subscriptionkey',
  'key',
  'keypairid',
  'policy',
  'credential',
  'credentials',
  'auth',
  'authorization',
  'hmac',
  'jwt',
  'password',
  'sslpassword',
  'passwd',
  'pwd',
])

/** Written as `page_token`, `page[token]` or `pageToken`: a page token is no credential and is worth seeing in a log. */
const isSigned = (name: string): boolean => {
  const word = name.toLowerCase().replaceAll(/%[0-9a-f]{2}|[^a-z0-9]/g, '')
  if (word.endsWith('pagetoken')) return false
  return signedParameters.has(word) || /(token|secret|signature)$/.test(word) || /^x(amz|goog|ms)/.test(word)
}

const closing = new Set(['"', "'", '`', ')', ']', '}', ',', ';', '.'])

/** What a sentence, a quote or an inspected object put behind the URL. */
const tailOf = (query: string): string => {
  let end = query.length
  while (end > 0 && closing.has(query.charAt(end - 1))) end -= 1
  return query.slice(end)
}

const redactQuery = (query: string): string => {
  const names = query
    .slice(1)
    .split(/&amp;|\\+u0026|[&;]/i)
    .map((pair) => pair.split('=', 1).join())
  const signed = names.some(isSigned) || /x-(amz|goog|ms)-/i.test(query)
  return signed ? `?[redacted]${tailOf(query)}` : query
}

/**
 * A query, up to a blank, a double quote or an angle bracket. `\u0026` of JSON, escaped once or more, belongs to it; `\"` and
 * `\n` do not.
 */
const queryPattern = /\?(?:[^\s"<>\\]|\\+u[0-9a-f]{4}|\\(?!["\\nrtu]))+/gi
const postgresPattern = /(postgres(?:ql)?:\/\/)([^\s"<>]+)/gi
const anyPassword = /(:\/\/[^\s:@/?#"'<>]*):([^\s@/?"'<>]+)@/g

/** The password ends at the last `@`: drivers take one with an unencoded `/`, `#` or `@` in it. */
const redactPostgres = (url: string, scheme: string, rest: string): string => {
  const colon = rest.indexOf(':')
  const at = rest.lastIndexOf('@')
  return colon === -1 || at < colon || /[@/?]/.test(rest.slice(0, colon))
    ? url
    : `${scheme}${rest.slice(0, colon)}:[redacted]${rest.slice(at)}`
}

/** Hides what makes a link playable or a server reachable: passwords in URLs, and every query with a signature or token in it. */
export const redactUrls = (text: string): string => {
  const withoutPasswords = text.includes('://')
    ? text.replaceAll(postgresPattern, redactPostgres).replaceAll(anyPassword, '$1:[redacted]@')
    : text
  return withoutPasswords.includes('?') ? withoutPasswords.replaceAll(queryPattern, redactQuery) : withoutPasswords
}
