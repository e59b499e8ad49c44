import { redacted, type Secret } from './secret.ts'
import { scrubSignedQueries } from './signed-query.ts'

/** Below it an encoded form is so short that it would hit ordinary words. */
const minEncodedLength = 6

/** Of a secret of several lines (a private key) every line is one, unless it is too short to be telling. */
const minLineLength = 16

/**
 * Base64 of the secret inside a longer text (`user:secret` of Basic authentication): the characters that do not depend on
 * what stands before and behind, for each of the three alignments.
 */
const base64Forms = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

const urlForms = (secret: string): readonly string[] => {
  const encoded = encodeURIComponent(secret.toWellFormed())
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  return [encoded, form].flatMap((text) => [text, text.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())])
}

const formsOf = (secret: string): readonly string[] => {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= minLineLength)
  const plain = [secret, secret.trim(), ...lines]
  if (secret.length < minEncodedLength) return plain
  const json = JSON.stringify(secret).slice(1, -1)
  return [...plain, json, json.replaceAll('/', '\\/'), ...urlForms(secret), ...base64Forms(secret)]
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

const hasOneOf = (text: string, forms: readonly string[]): boolean => {
  for (const form of forms) if (form.length <= text.length && text.includes(form)) return true
  return false
}

/** Looking for each form by itself is a hundred times faster than one pattern of all of them, and hardly a text has one. */
const withoutForms = (text: string, longestFirst: readonly string[]): string => {
  if (!hasOneOf(text, longestFirst)) return text
  const present = longestFirst.filter((form) => text.includes(form))
  return text.replaceAll(new RegExp(present.map(escaped).join('|'), 'g'), redacted)
}

/** Without those that another one is a part of: a text that has them has that one, too. */
const shortestOf = (forms: readonly string[]): readonly string[] =>
  forms.filter((form) => !forms.some((other) => other !== form && form.includes(other)))

export interface Redactor {
  (text: string): string
  /** Whether one of the secrets is in the UTF-8 text, in any form; it is not looked at for signed queries and userinfo. */
  holdsSecret(bytes: Buffer): boolean
}

/**
 * Makes the function that every text passes on its way out of the process (logs, errors, tables, files). It replaces the
 * secrets in plain, URL-encoded, JSON-escaped and base64 form, userinfo in URLs, and signed query strings.
 */
export const createRedactor = (secrets: readonly (Secret | string)[]): Redactor => {
  const values = secrets.map((secret) => (typeof secret === 'string' ? secret : secret.reveal()))
  const forms = [...new Set(values.flatMap(formsOf))].filter((form) => form !== '')
  const longestFirst = forms.sort((a, b) => b.length - a.length)
  const redact = (text: string) => scrubSignedQueries(withoutForms(text, longestFirst))
  const encoded = shortestOf(longestFirst).map((form) => Buffer.from(form))
  return Object.assign(redact, { holdsSecret: (bytes: Buffer) => encoded.some((form) => bytes.includes(form)) })
}
