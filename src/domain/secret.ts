import { z } from 'zod'
import { passwordsOf } from './url-password.ts'

/** What stands in every text in place of a secret. */
export const redacted = '[redacted]'

/** A credential. It shows as `[redacted]` wherever it is printed, joined or serialised: only `reveal` gives it away. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** For the one place that sends it to its host. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [Symbol.toPrimitive](): string {
    return redacted
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted
  }
}

/**
 * Which settings are secret. The configuration loader asks it for every field: `reference` fields are given to their schema
 * as a Secret when they are written as one `${NAME}`, `url` fields as text; the value of either is shown in no problem.
 */
export const secretFields = z.registry<{ readonly kind: 'reference' | 'url' }>()

/** A credential, never written in a file: the schema accepts what the loader made of a `${NAME}`, and nothing else. */
export const secret = () =>
  z
    .custom<Secret>(
      (value) => value instanceof Secret,
      `is written in the file; write \${NAME} and set NAME in the environment`,
    )
    .register(secretFields, { kind: 'reference' })
    .meta({ type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' })

const isUrlOf = (schemes: readonly string[], text: string): boolean =>
  URL.canParse(text) && schemes.some((scheme) => text.toLowerCase().startsWith(`${scheme}://`))

/**
 * A URL that may hold a password. The loader refuses a password that is written out: `postgres://me:${PASSWORD}@host/db`,
 * `${DATABASE_URL}` and a URL without one are fine. `example` is shown when the text is no such URL; it writes `<user>@`, as
 * userinfo would be redacted.
 */
export const secretUrl = (schemes: readonly string[], example: string) =>
  z
    .string()
    .refine((text) => isUrlOf(schemes, text), `is not a URL of the right kind; allowed: ${example}`)
    .transform((text) => new Secret(text))
    .register(secretFields, { kind: 'url' })

/** What must be scrubbed because of a secret URL: its passwords as written and decoded, and the URL itself when it has one. */
export const secretsOfUrl = (url: string): readonly Secret[] => {
  const passwords = passwordsOf(url)
  return (passwords.length === 0 ? [] : [url, ...passwords]).map((text) => new Secret(text))
}
