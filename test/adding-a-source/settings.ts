import { z } from 'zod'
import { baseUrlSetting } from '../../src/domain/base-url.ts'
import { secret } from '../../src/domain/secret.ts'
import { apiSettings, requestsPerSecondSetting } from '../../src/sources/api-settings.ts'
import { rereadSetting } from '../../src/sources/reread-setting.ts'

/** Settings of a `hearsay` connection, besides those every connection has. */
export const hearsaySettings = z.strictObject({
  api_key: secret().describe('Key of the account; one account is one connection'),
  base_url: baseUrlSetting('https://api.hearsay.example/v1').describe(
    'Where the API is; https, or http on this machine',
  ),
  requests_per_second: requestsPerSecondSetting(5),
  ...apiSettings({ settlingDelay: '2m' }),
  rereads: rereadSetting
    .prefault([
      { depth: '1h', every: 'run' },
      { depth: '7d', every: '1d' },
    ])
    .describe('Second looks: Hearsay tells nobody what changed'),
})

export type HearsaySettings = z.output<typeof hearsaySettings>
