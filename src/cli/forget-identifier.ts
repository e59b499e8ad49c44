import { createInterface } from 'node:readline/promises'
import { ConfigError } from '../domain/errors.ts'
import type { Identifier, IdentifierKind } from '../domain/forgotten.ts'
import { compilePhoneReader } from '../transform/phone.ts'

/** What the command line names a person by: exactly one of them. */
export type NamedBy = Readonly<Partial<Record<IdentifierKind, string>>>

const kinds: readonly IdentifierKind[] = ['phone', 'email', 'conversation']

export const kindNames: Readonly<Record<IdentifierKind, string>> = {
  phone: 'phone number',
  email: 'email address',
  conversation: 'conversation',
}

/** The answer of a person at the terminal, or the first line of what is piped in. Asks on stderr: stdout is the result. */
export const readAnswer = async (question: string): Promise<string> => {
  const terminal = process.stdin.isTTY === true
  const lines = createInterface({ input: process.stdin, ...(terminal ? { output: process.stderr } : {}) })
  try {
    if (terminal) return (await lines.question(question)).trim()
    for await (const line of lines) return line.trim()
    return ''
  } finally {
    lines.close()
  }
}

/**
 * The person as the warehouse knows them. `-` is read from stdin, so that the shell keeps no history of it. Throws ConfigError,
 * which says nothing of what was given.
 */
export const readIdentifier = async (named: NamedBy, defaultCountry: string | null): Promise<Identifier> => {
  const given = kinds.filter((kind) => named[kind] !== undefined)
  const [kind] = given
  if (kind === undefined || given.length > 1) {
    throw new ConfigError(['say who is to be forgotten: one of --phone, --email and --conversation'])
  }
  const written = named[kind]?.trim() ?? ''
  const text = written === '-' ? await readAnswer(`${kindNames[kind]}: `) : written
  if (text === '') throw new ConfigError([`--${kind}: it is empty, so nobody is named`])
  return { kind, value: readers[kind](text, defaultCountry) }
}

const readers: Readonly<Record<IdentifierKind, (text: string, defaultCountry: string | null) => string>> = {
  phone: (text, defaultCountry) => {
    const reading = compilePhoneReader(defaultCountry)(text)
    if (reading.kind === 'value' && reading.value !== null) return reading.value
    throw new ConfigError([
      `--phone: what was given is no phone number; write it with its country code (+15125550100)${defaultCountry === null ? ', or set portfolios.default_country' : ''}`,
    ])
  },
  email: (text) => {
    if (/^[^\s@"]+@[^\s@"]+$/.test(text)) return text.toLowerCase()
    throw new ConfigError(['--email: what was given is no email address'])
  },
  conversation: (text) => text,
}
