/** How a query writes the `=` of a parameter: as it is, percent-encoded (any number of times), or as some JSON writers do. */
const assignment = /=|%(?:25)*3d|\\u003d/gi

/** Longer parameter names are not looked at beyond their end. */
const longestName = 64

const nameCharacter = /[\w.~-]/

/**
 * Names, lower case and without separators, whose value opens a recording or says until when it does. Rather too many than
 * too few: a link dropped in error is counted and comes again, a stored secret does not go away.
 */
const secretName = new RegExp(
  `^(?:${[
    'x(?:amz|goog|oss|cos|obs|ms).*',
    '.*(?:token|signature|secret|password|passwd|apikey|accesskey|accesskeyid|accessid|credentials?)',
    '.*(?:expires|expiresat|expiresin|expiry|expiration)',
    'sig|sign|hmac|jwt|key|pwd|auth|authkey|authorization|policy|keypairid|hdnts|hdnea|hdntl|exp|se|sp|sv',
  ].join('|')})$`,
)

const nameBefore = (query: string, end: number): string => {
  let start = end
  while (start > 0 && end - start < longestName && nameCharacter.test(query.charAt(start - 1))) start -= 1
  const name = query.slice(start, end)
  const before = query.charAt(start - 1)
  if (before === '%') return name.replace(/^(?:25)*[0-9a-f]{2}/i, '')
  if (before === '\\') return name.replace(/^u00[0-9a-f]{2}/i, '')
  return name
}

/**
 * Where, in a query or a whole address, the value of its last secret parameter begins; null when it has none. Sees parameters behind `&`,
 * `;`, `&amp;`, `\u0026`, and those of a percent-encoded address within the query. Linear in the length of the query.
 */
export const lastSecretValue = (query: string): number | null => {
  let last: number | null = null
  for (const match of query.matchAll(assignment)) {
    const name = nameBefore(query, match.index)
    if (secretName.test(name.toLowerCase().replace(/[._~-]/g, ''))) last = match.index + match[0].length
  }
  return last
}
