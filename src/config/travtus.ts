import { z } from 'zod'
import { baseUrlSetting } from '../domain/base-url.ts'
import { duration } from '../domain/duration.ts'
import { type Secret, secret } from '../domain/secret.ts'

/** How Travtus is asked for communities. */
export interface TravtusAccount {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly baseUrl: URL
  /** For one request, in milliseconds. */
  readonly timeoutMs: number
  /** As written: relative to the folder of the file that has the settings. */
  readonly caFile: string | undefined
}

export interface TravtusSection {
  /** Null: no credentials are given. */
  readonly account: TravtusAccount | null
}

export const travtusSettings = z
  .strictObject({
    client_id: z.string().min(1).optional().describe('Id of the API client that Travtus gave you'),
    client_secret: secret().optional().describe('Secret of that client'),
    base_url: baseUrlSetting('https://api.travtus.com').describe(
      'Where the API is; https://apiuat.travtus.com is their test system',
    ),
    timeout: duration.prefault('30s').describe('For one request, with its answer'),
    ca_file: z
      .string()
      .min(1)
      .optional()
      .describe('Certificate authorities (PEM) that are trusted besides the usual ones, relative to this file'),
  })
  .refine(({ client_id, client_secret }) => (client_id === undefined) === (client_secret === undefined), {
    path: ['client_secret'],
    message: 'belongs to client_id: allowed: both of them, or neither',
  })
  .transform(
    ({ client_id, client_secret, base_url, timeout, ca_file }): TravtusSection => ({
      account:
        client_id === undefined || client_secret === undefined
          ? null
          : {
              clientId: client_id,
              clientSecret: client_secret,
              baseUrl: base_url,
              timeoutMs: timeout,
              caFile: ca_file,
            },
    }),
  )
