import { lastSecretValue } from '../domain/secret-parameter.ts'
import { type Reading, read } from './reading.ts'

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
