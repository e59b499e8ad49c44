/** How a text writes the `=` of a parameter: as it is, percent-encoded (any number of times), or as some JSON writers do. */
const assignment = /=|%(?:25)*3d|\\u003d/gi

const escapedCharacter = /%(?:25)*([0-9a-f]{2})|\\+u00([0-9a-f]{2})/gi

/** Longer parameter names are not looked at beyond their end. */
const longestName = 64

/** What may stand in a name once it is decoded; anything else ends it. `auth[token]` is one name. */
const notInName = /[^\w.~$[\]-]+/

/**
 * Names, lower case and without separators, whose value opens what stands behind the address. Rather too many than too few:
 * a link dropped in error is counted and comes again, a stored secret does not go away.
 */
const credentialName = new RegExp(
  [
    '^x(?:amz|goog|oss|cos|obs|ms)',
    '(?:token|signature|secret|password|passphrase|passwd|pwd|credentials?|accesskeyid|accessid)$',
    '(?:api|access|auth|secret|private|subscription)key$',
    '^(?:sig|sign|hmac|jwt|key|auth|authorization|policy|keypairid|hdnts|hdnea|hdntl)$',
  ].join('|'),
)

/** Names that say until when a link opens: it is a signed one. */
const expiryName = /(?:expires|expiresat|expiresin|expiry|expiration)$|^(?:exp|se|sp|sv)$/

/** A page token is no credential, and worth seeing in a log. */
const pageTokenName = /pagetoken$/

const wordOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const isCredentialWord = (word: string): boolean => credentialName.test(word) && !pageTokenName.test(word)

/** Whether a parameter of this (decoded) name holds a credential. */
export const isCredential = (name: string): boolean => isCredentialWord(wordOf(name))

const unescaped = (text: string): string =>
  text.replace(escapedCharacter, (_, percent: string | undefined, unicode: string | undefined) =>
    String.fromCharCode(Number.parseInt(percent ?? unicode ?? '', 16)),
  )

/** Of the text before an assignment, the name that is assigned to; `\\u003d` leaves a backslash behind it. */
const nameIn = (text: string): string => unescaped(text.replace(/\\+$/, '')).split(notInName).at(-1) ?? ''

/**
 * Where, in a query, a fragment or a whole address, the value of its last secret parameter begins; null when it has none.
 * Sees parameters behind `&`, `;`, `&amp;`, `\u0026`, and those of a percent-encoded address within it. Linear in the length
 * of the text.
 */
export const lastSecretValue = (text: string): number | null => {
  let last: number | null = null
  let start = 0
  for (const match of text.matchAll(assignment)) {
    const word = wordOf(nameIn(text.slice(Math.max(start, match.index - longestName), match.index)))
    start = match.index + match[0].length
    if (isCredentialWord(word) || expiryName.test(word)) last = start
  }
  return last
}
