import { scrubSignedQueries } from '../domain/signed-query.ts'

const longest = 60

/** Enough of a long text for its excerpt; what lies behind it is never looked at. */
const inspected = 4096

const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Bidi_Control}]/gu

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A value as error details show it: quoted, at most 60 characters, control characters escaped, signed queries redacted.
 * A dump cell may hold a whole transcript, a terminal escape or a signed link, and details go to logs and tables.
 */
export const excerpt = (text: string): string => {
  const shown = Array.from(scrubSignedQueries(text.slice(0, inspected)))
  const head = shown.length > longest ? `${shown.slice(0, longest).join('')}...` : shown.join('')
  return `"${head.replace(invisible, escapeCharacter)}"`
}
