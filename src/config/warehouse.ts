import { resolve } from 'node:path'
import { z } from 'zod'
import { duration } from '../domain/duration.ts'
import { Secret, secretUrl } from '../domain/secret.ts'
import { judgeValue } from './check-value.ts'
import type { Env } from './env-reference.ts'
import type { Problem } from './problem.ts'

/** Where the tables are: the operator's own Postgres, or one that we start in a directory. */
export type Warehouse =
  | { readonly kind: 'external'; readonly url: Secret }
  | { readonly kind: 'embedded'; readonly directory: string }

const postgresUrl = secretUrl(['postgres', 'postgresql'], 'postgres://<user>@<host>:5432/<database>')

/** Postgres holds statement_timeout in 32 bits. */
const maxStatementTimeoutMs = 2_147_483_647

export const warehouseSettings = z
  .strictObject({
    url: postgresUrl
      .optional()
      .describe(
        `Your own Postgres: \${DATABASE_URL}, or a URL whose password is a \${NAME}. Default: DATABASE_URL, if set`,
      ),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Where the embedded Postgres lives, relative to this file. Default: .reelhouse in the working directory',
      ),
    statement_timeout: duration
      .refine((ms) => ms <= maxStatementTimeoutMs, 'is too long; allowed: up to 24d')
      .optional()
      .describe('Postgres gives up a statement that takes longer (30s, 5m); default: its own setting'),
  })
  .refine(({ url, directory }) => url === undefined || directory === undefined, {
    path: ['directory'],
    message: 'excludes url: url names your own Postgres, directory is for the embedded one; allowed: one of them',
  })

export type WarehouseSettings = z.output<typeof warehouseSettings>

/** DATABASE_URL, where it decides: it is set, and the settings name no database of their own. */
export const decidingDatabaseUrl = (settings: WarehouseSettings, env: Env): string | null =>
  settings.url !== undefined || env.DATABASE_URL === undefined || env.DATABASE_URL === '' ? null : env.DATABASE_URL

export const databaseUrlProblems = (url: string | null): readonly Problem[] =>
  url === null
    ? []
    : judgeValue(postgresUrl, url).findings.map(({ text }) => ({
        file: 'environment',
        line: null,
        key: 'DATABASE_URL',
        text,
      }))

/** `fileDir`: folder of the file that has the settings. The settings win over DATABASE_URL, which wins over the embedded one. */
export const resolveWarehouse = (
  settings: WarehouseSettings,
  places: { readonly env: Env; readonly cwd: string; readonly fileDir: string },
): Warehouse => {
  const databaseUrl = decidingDatabaseUrl(settings, places.env)
  if (settings.url !== undefined) return { kind: 'external', url: settings.url }
  if (databaseUrl !== null) return { kind: 'external', url: new Secret(databaseUrl) }
  const directory =
    settings.directory === undefined ? resolve(places.cwd, '.reelhouse') : resolve(places.fileDir, settings.directory)
  return { kind: 'embedded', directory }
}
