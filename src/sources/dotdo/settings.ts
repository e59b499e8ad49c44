import { z } from 'zod'
import { baseUrlSetting } from '../../domain/base-url.ts'
import { secret } from '../../domain/secret.ts'
import { apiSettings, checkNumbers, defaultCountrySetting, requestsPerSecondSetting } from '../api-settings.ts'
import { rereadSetting } from '../reread-setting.ts'
import { dotdoFieldsSetting } from './fields-setting.ts'

const name = z.string().regex(/^[A-Za-z_][\w.[\]-]*$/, 'is no name of a parameter')

/** How an API of this shape is asked: no page of `.do` says it, so every name is a setting. */
const parameters = z.strictObject({
  from: name.default('createdFrom').describe('Parameter: created at or after'),
  to: name.default('createdTo').describe('Parameter: created at or before'),
  limit: name.default('limit').describe('Parameter: how many records an answer may hold'),
  page_token: name.default('pageToken').describe('Parameter: nextPageToken of the answer before'),
  times: z.enum(['iso', 'unix_s', 'unix_ms']).default('iso').describe('How times are written in parameters'),
})

/** Settings of a `dotdo` connection, besides those every connection has. */
export const dotdoSettings = z
  .strictObject({
    api_key: secret().describe('Bearer token'),
    base_url: baseUrlSetting('https://apis.do').describe('Where the API is; https, or http on this machine'),
    path: z
      .string()
      .regex(/^(?:\/[\w.-]*[\w-][\w.-]*)+$/, 'is no path; allowed: such as /vapi/callRecordings')
      .describe('Path of the collection of CallRecordings below base_url, such as /vapi/callRecordings'),
    parameters: parameters.prefault({}).describe('Names of the parameters of its listing'),
    page_size: z.int().min(1).max(1000).default(100).describe('How many records an answer may hold'),
    fields: dotdoFieldsSetting.prefault({}),
    default_country: defaultCountrySetting,
    requests_per_second: requestsPerSecondSetting(2),
    ...apiSettings({ settlingDelay: '5m' }),
    rereads: rereadSetting
      .prefault([
        { depth: '1h', every: 'run' },
        { depth: '2d', every: '12h' },
        { depth: '30d', every: '7d' },
      ])
      .describe('Second looks: a listing by creation tells nobody what changed'),
  })
  .superRefine(checkNumbers)

export type DotdoSettings = z.output<typeof dotdoSettings>
