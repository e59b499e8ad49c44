import { z } from 'zod'
import { baseUrlSetting } from '../../domain/base-url.ts'
import { type Secret, secret } from '../../domain/secret.ts'
import { apiSettings, requestsPerSecondSetting } from '../api-settings.ts'
import { rereadSetting } from '../reread-setting.ts'

/** What a cookie can carry, and a server reads as it was written. */
const inCookie = /^[\w.~!*'()+/=:@-]+$/

interface Credentials {
  readonly access_key?: Secret | undefined
  readonly token?: Secret | undefined
}

const credentialProblem = ({ access_key, token }: Credentials): string | null => {
  if (access_key === undefined && token === undefined)
    return `is missing; write access_key: \${NAME}, or token: \${NAME} for a login token`
  if (access_key !== undefined && token !== undefined)
    return 'stands beside token, which VoIPBIN reads instead of it; leave one of them out'
  return access_key === undefined || inCookie.test(access_key.reveal())
    ? null
    : 'holds characters that no cookie can carry (a blank, a semicolon, a line end); copy it again, without what stands around it'
}

/** Settings of a `voipbin` connection, besides those every connection has. */
export const voipbinSettings = z
  .strictObject({
    access_key: secret()
      .optional()
      .describe('Access key of a customer admin or manager; one customer is one connection. This, or token'),
    token: secret()
      .optional()
      .describe('Instead of access_key: a login token (JWT). It is good for seven days, so not for scheduled syncs'),
    base_url: baseUrlSetting('https://api.voipbin.net/v1.0').describe(
      'Where the API is; https, or http on this machine',
    ),
    calls: z
      .boolean()
      .default(true)
      .describe(
        'Ask for the call of each new or changed recording: numbers and direction stand nowhere else. One more request for each call',
      ),
    transcripts: z.boolean().default(true).describe('Read transcripts of recordings as the text of the message'),
    language: z
      .string()
      .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'is not a language; allowed: a BCP 47 tag such as en-US')
      .optional()
      .describe('Of several transcripts of a recording, the one in this language (en-US); without it the newest'),
    contacts: z
      .boolean()
      .default(false)
      .describe('Look up who called among the contacts, for names, e-mail and external id: one more request a number'),
    caller_names: z
      .boolean()
      .default(false)
      .describe('Take names from the caller id where no contact gives them. Networks fill it in as they please'),
    person: z
      .enum(['sender', 'customer'])
      .default('sender')
      .describe('Whose names: of the sender, so none on outbound calls; or of the customer, whoever called'),
    requests_per_second: requestsPerSecondSetting(5),
    ...apiSettings({ settlingDelay: '2m' }),
    rereads: rereadSetting
      .prefault([
        { depth: '1h', every: 'run' },
        { depth: '48h', every: '6h' },
      ])
      .describe('Second looks: VoIPBIN cannot list what changed, or was deleted'),
  })
  .superRefine((settings, context) => {
    const message = credentialProblem(settings)
    if (message !== null) context.addIssue({ code: 'custom', path: ['access_key'], message })
  })

export type VoipbinSettings = z.output<typeof voipbinSettings>
