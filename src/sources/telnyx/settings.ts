import { z } from 'zod'
import { countryCode } from '../../domain/country.ts'
import { duration, durationMicros } from '../../domain/duration.ts'
import { secret } from '../../domain/secret.ts'
import { baseUrlSetting } from '../http/base-url.ts'
import { numberProblems } from '../number-problems.ts'
import { rereadSetting } from '../reread-setting.ts'
import { startSetting } from '../start-setting.ts'

/** Settings of a `telnyx` connection, besides those every connection has. */
export const telnyxSettings = z
  .strictObject({
    api_key: secret().describe('API v2 key of the account; one key is one account is one connection'),
    base_url: baseUrlSetting('https://api.telnyx.com/v2').describe('Where the API is; https, or http on this machine'),
    start: startSetting.describe(
      'Where the data begins: a day (2026-01-01, its midnight in UTC) or an instant with its zone. Nothing older is synced',
    ),
    own_numbers: z
      .union([z.literal('account'), z.array(z.string().min(1)).min(1)])
      .default('account')
      .describe(
        "The account's own numbers, which decide between inbound and outbound. account: its list of phone numbers; or the numbers themselves, if it has others",
      ),
    default_country: countryCode
      .optional()
      .describe('ISO 3166 code (US) of numbers written without a country code; without it they are null, and counted'),
    transcripts: z.boolean().default(true).describe('Read recording transcriptions as the text of the message'),
    call_events: z
      .boolean()
      .default(false)
      .describe(
        'Ask for the call events of recordings that leave direction or numbers open: up to three more requests for each',
      ),
    requests_per_second: z
      .number()
      .positive()
      .max(1000)
      .default(5)
      .describe('The most that is asked; what Telnyx says of its limits slows it down further'),
    timeout: duration.prefault('60s').describe('For one request, with its answer'),
    max_response_bytes: z
      .int()
      .min(100_000)
      .default(64_000_000)
      .describe('The largest answer that is read; a larger one is asked for in smaller pages'),
    settling_delay: durationMicros
      .prefault('5m')
      .describe('How far behind now reading ends: younger recordings may not be listed yet'),
    max_window: durationMicros.prefault('1d').describe('The longest time that is read, proven and committed as one'),
    rereads: rereadSetting
      .prefault([
        { depth: '1h', every: 'run' },
        { depth: '24h', every: '6h' },
        { depth: '30d', every: '7d' },
      ])
      .describe('Second looks: Telnyx tells nobody what changed'),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of numberProblems(settings)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })

export type TelnyxSettings = z.output<typeof telnyxSettings>
