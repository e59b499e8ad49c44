import { z } from 'zod'
import { durationMicros } from '../../src/domain/duration.ts'
import { secret } from '../../src/domain/secret.ts'
import { baseUrlSetting } from '../../src/sources/http/base-url.ts'
import { rereadSetting } from '../../src/sources/reread-setting.ts'
import { startSetting } from '../../src/sources/start-setting.ts'

/** Settings of a `hearsay` connection, besides those every connection has. */
export const hearsaySettings = z.strictObject({
  api_key: secret().describe('Key of the account; one account is one connection'),
  base_url: baseUrlSetting('https://api.hearsay.example/v1').describe(
    'Where the API is; https, or http on this machine',
  ),
  start: startSetting.describe(
    'Where the data begins: a day (2026-01-01, its midnight in UTC) or an instant with its zone. Nothing older is synced',
  ),
  requests_per_second: z.number().positive().max(1000).default(5).describe('The most that is asked'),
  settling_delay: durationMicros
    .prefault('2m')
    .describe('How far behind now reading ends: younger recordings may not be listed yet'),
  max_window: durationMicros.prefault('1d').describe('The longest time that is read, proven and committed as one'),
  rereads: rereadSetting
    .prefault([
      { depth: '1h', every: 'run' },
      { depth: '7d', every: '1d' },
    ])
    .describe('Second looks: Hearsay tells nobody what changed'),
})

export type HearsaySettings = z.output<typeof hearsaySettings>
