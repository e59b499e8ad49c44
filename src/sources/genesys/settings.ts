import { z } from 'zod'
import { addressSetting } from '../../domain/base-url.ts'
import { durationMicros } from '../../domain/duration.ts'
import { secret } from '../../domain/secret.ts'
import { apiSettings } from '../api-settings.ts'
import { rereadSetting } from '../reread-setting.ts'

const notRegion = 'is no region; allowed: the host behind api. and login., such as mypurecloud.ie or usw2.pure.cloud'

const mediaSetting = z
  .array(z.enum(['audio', 'chat', 'email', 'message']))
  .min(1)
  .refine((media) => new Set(media).size === media.length, 'names a medium twice; allowed: each once')

/** Settings of a `genesys` connection, besides those every connection has. Vendor limits that sources disagree on are here. */
export const genesysSettings = z.strictObject({
  client_id: z.string().min(1).describe('Id of an OAuth client with the client-credentials grant'),
  client_secret: secret().describe('Secret of that client; its roles decide what is seen'),
  region: z
    .string()
    .regex(/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$/, notRegion)
    .describe('Host of the organization behind api. and login.: mypurecloud.com, mypurecloud.ie, usw2.pure.cloud'),
  base_url: addressSetting().optional().describe('Where the API is; default: https://api.<region>'),
  login_url: addressSetting().optional().describe('Where tokens are; default: https://login.<region>'),
  media: mediaSetting
    .default(['audio'])
    .describe('What becomes rows: audio, one row a recording; chat, email, message, one row a message'),
  person: z
    .enum(['sender', 'customer'])
    .default('sender')
    .describe('Whose name, address and reference a row has: who called or wrote, or the customer always'),
  external_contacts: z
    .boolean()
    .default(true)
    .describe('Ask for the external contacts of new conversations: one request for up to 50'),
  external_source: z
    .string()
    .min(1)
    .optional()
    .describe(
      'sender_ext_ref: id of the external source whose value it is, or contact for the id of the contact itself',
    ),
  transcripts: z
    .boolean()
    .default(false)
    .describe('Read voice transcripts as the text of the message: two more requests for each recording'),
  notices: z.boolean().default(false).describe('Notices of chats become rows, too'),
  system_messages: z.boolean().default(false).describe('What queues, flows and bots wrote becomes rows, too'),
  email_subject: z.boolean().default(false).describe('The subject of an email is the first line of its text'),
  recording_format: z
    .enum(['WAV', 'WEBM', 'WAV_ULAW', 'OGG_VORBIS', 'OGG_OPUS', 'MP3', 'NONE'])
    .default('WEBM')
    .describe('What Genesys Cloud is asked to make of the audio'),
  second_look: durationMicros
    .prefault('2d')
    .describe('Recordings of a conversation are asked for once more when it is found again that long after its end'),
  watch_deletions: z
    .boolean()
    .default(true)
    .describe('Ask again once the stated deletion date has passed: one more request for each conversation'),
  jobs_after: durationMicros
    .prefault('30d')
    .describe('Windows that ended longer ago are read by asynchronous jobs, which reach further back'),
  most_per_query: z
    .int()
    .min(100)
    .default(10_000)
    .describe('Where Genesys Cloud cuts a listing off: a day with more is split by direction, division and medium'),
  requests_per_minute: z
    .number()
    .positive()
    .max(60_000)
    .default(240)
    .describe(
      'The most that is asked, recordings included; what Genesys Cloud says of its limits slows it down further',
    ),
  recordings_per_minute: z.number().positive().max(60_000).default(100).describe('The most of them for recordings'),
  ...apiSettings({ settlingDelay: '15m' }),
  rereads: rereadSetting
    .prefault([
      { depth: '2h', every: 'run' },
      { depth: '48h', every: '6h' },
      { depth: '9d', every: '7d' },
    ])
    .describe('Second looks: conversations are listed once they have ended, however long ago they began'),
})

export type GenesysSettings = z.output<typeof genesysSettings>
