import { z } from 'zod'
import { type Secret, secret } from '../domain/secret.ts'

/** What `reelhouse forget` makes its digests with. */
export interface Privacy {
  /** Today's secret first, then those before it. Empty: nobody can be forgotten. */
  readonly secrets: readonly Secret[]
}

/** Shorter ones can be tried out: there are only so many phone numbers. */
const shortest = 32

const longSecret = () =>
  secret().refine((value) => value.reveal().length >= shortest, {
    error: `is too short; allowed: ${shortest} characters or more (openssl rand -hex 32)`,
    when: ({ value }) => typeof value === 'object',
  })

export const privacySettings = z
  .strictObject({
    secret: longSecret()
      .optional()
      .describe(
        'What persons are forgotten with (openssl rand -hex 32). Keep it for ever: without it nothing is loaded',
      ),
    previous_secrets: z
      .array(longSecret())
      .optional()
      .describe('Secrets before it: they keep out those who were forgotten with them'),
  })
  .refine(({ secret: today, previous_secrets: before = [] }) => today !== undefined || before.length === 0, {
    path: ['previous_secrets'],
    message: 'needs secret: it is what is used from now on',
  })
  .transform(
    ({ secret: today, previous_secrets: before = [] }): Privacy => ({
      secrets: today === undefined ? [] : [today, ...before],
    }),
  )
