import { ConfigError } from '../../domain/errors.ts'
import { createRedactor } from '../../domain/redact.ts'
import type { HttpSettings } from './http-client.ts'

/** Shorter parts of a credential header are words of its syntax. */
const minSecretLength = 6

const longestShown = 200

const decodedBasic = (value: string): readonly string[] => {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1]
  if (encoded === undefined) return []
  const pair = Buffer.from(encoded, 'base64').toString()
  return [pair, ...pair.split(/:(.*)/s)]
}

/** `name=KEY` of a Cookie header; of `Bearer KEY==` an end that is no secret, and too short to count. */
const cookieValues = (value: string): readonly string[] =>
  value.split(/;\s*/).map((pair) => pair.slice(pair.indexOf('=') + 1))

/** `Bearer KEY`, `KEY`, `name=KEY`, and what a Basic header encodes. */
const secretsIn = (value: string): readonly string[] =>
  [value, ...value.split(/\s+/).slice(1), ...cookieValues(value), ...decodedBasic(value)].filter(
    (part) => part.length >= minSecretLength,
  )

/** Makes text of a vendor fit for messages: one short line, without the credentials that it may echo, in any case of letters. */
export const quoteVendor = (credentials: Readonly<Record<string, string>>): ((text: string) => string) => {
  const secrets = Object.values(credentials).flatMap(secretsIn)
  const redact = createRedactor(secrets.flatMap((secret) => [secret, secret.toLowerCase(), secret.toUpperCase()]))
  return (text) => {
    const line = redact(text).replaceAll(/[\s\p{Cc}\p{Bidi_Control}\p{Surrogate}]+/gu, ' ')
    const characters = Array.from(line)
    return characters.length > longestShown ? `${characters.slice(0, longestShown).join('')}...` : line
  }
}

/** Throws ConfigError for characters that no header can carry: the error of `Headers` would show the value. */
export const requestHeaders = (
  settings: HttpSettings,
  credentials: Readonly<Record<string, string>>,
  contentType: string | null,
): Headers => {
  const headers = new Headers({ Accept: 'application/json', 'User-Agent': 'reelhouse' })
  if (contentType !== null) headers.set('Content-Type', contentType)
  try {
    for (const [name, value] of Object.entries(credentials)) headers.set(name, value)
  } catch {
    const { connectionId, credential } = settings
    throw new ConfigError([
      `connection ${connectionId}: ${credential} holds characters that no request can carry (a line end, a typographic ` +
        'dash); copy it again, without what stands around it',
    ])
  }
  return headers
}
