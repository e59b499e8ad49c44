import { z } from 'zod'
import { baseUrlSetting } from '../../domain/base-url.ts'
import { secret } from '../../domain/secret.ts'
import { apiSettings, checkNumbers, defaultCountrySetting, requestsPerSecondSetting } from '../api-settings.ts'
import { rereadSetting } from '../reread-setting.ts'

/** Settings of a `telnyx` connection, besides those every connection has. */
export const telnyxSettings = z
  .strictObject({
    api_key: secret().describe('API v2 key of the account; one key is one account is one connection'),
    base_url: baseUrlSetting('https://api.telnyx.com/v2').describe('Where the API is; https, or http on this machine'),
    own_numbers: z
      .union([z.literal('account'), z.array(z.string().min(1)).min(1)])
      .default('account')
      .describe(
        "The account's own numbers, which decide between inbound and outbound. account: its list of phone numbers; or the numbers themselves, if it has others",
      ),
    transcripts: z.boolean().default(true).describe('Read recording transcriptions as the text of the message'),
    call_events: z
      .boolean()
      .default(false)
      .describe(
        'Ask for the call events of recordings that leave direction or numbers open: up to three more requests for each',
      ),
    default_country: defaultCountrySetting,
    requests_per_second: requestsPerSecondSetting(5),
    ...apiSettings({ settlingDelay: '5m' }),
    rereads: rereadSetting
      .prefault([
        { depth: '1h', every: 'run' },
        { depth: '24h', every: '6h' },
        { depth: '30d', every: '7d' },
      ])
      .describe('Second looks: Telnyx tells nobody what changed'),
  })
  .superRefine(checkNumbers)

export type TelnyxSettings = z.output<typeof telnyxSettings>
