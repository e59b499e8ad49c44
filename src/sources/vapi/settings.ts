import { z } from 'zod'
import { baseUrlSetting } from '../../domain/base-url.ts'
import { durationMicros } from '../../domain/duration.ts'
import { secret } from '../../domain/secret.ts'
import { apiSettings, checkNumbers, defaultCountrySetting, requestsPerSecondSetting } from '../api-settings.ts'
import { rereadSetting } from '../reread-setting.ts'

/** Settings of a `vapi` connection, besides those every connection has. */
export const vapiSettings = z
  .strictObject({
    api_key: secret().describe('Private key of the organisation; one organisation is one connection'),
    base_url: baseUrlSetting('https://api.vapi.ai').describe('Where the API is; https, or http on this machine'),
    retention: durationMicros
      .prefault('14d')
      .describe('How long Vapi keeps calls by your plan: 14d (Usage), 30d (Core), 180d (Pro), or what was agreed'),
    recordings: z
      .enum(['expected', 'none'])
      .default('expected')
      .describe(
        'expected: an ended call without a recording waits for it; none: it does not, as nothing is recorded or kept',
      ),
    recording_delay: durationMicros.prefault('30m').describe('How long after its end a call waits for its recording'),
    person: z
      .enum(['sender', 'customer'])
      .default('sender')
      .describe(
        "Whose name, email address and reference a row has: the sender's (of inbound calls), or always the customer's",
      ),
    sender_ref: z
      .enum(['externalId', 'customerId'])
      .default('externalId')
      .describe("What becomes sender_ext_ref: externalId, your own id of the customer; or customerId, Vapi's"),
    summary_as_text: z
      .boolean()
      .default(false)
      .describe("The analysis' summary is message_text of calls that have no transcript"),
    calls_per_request: z
      .int()
      .min(2)
      .max(1000)
      .default(250)
      .describe('The most that one answer may hold; time that holds more is halved. Calls are large: 250 may be 20 MB'),
    default_country: defaultCountrySetting,
    requests_per_second: requestsPerSecondSetting(2),
    ...apiSettings({ settlingDelay: '1m' }),
    rereads: rereadSetting
      .prefault([{ depth: '15m', every: 'run' }])
      .describe('Second looks at what changed (updatedAt)'),
    creation_rereads: rereadSetting
      .refine((rereads) => rereads.length > 0, 'is empty; allowed: one or more')
      .prefault([{ depth: '24h', every: '1d' }])
      .describe(
        'When, and how deep, calls are looked at by when they were created: this finds what was missed or deleted',
      ),
  })
  .superRefine(checkNumbers)

export type VapiSettings = z.output<typeof vapiSettings>
