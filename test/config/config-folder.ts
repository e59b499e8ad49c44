import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Config } from '../../src/config/config.ts'
import type { Env } from '../../src/config/env-reference.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { ConfigError } from '../../src/domain/errors.ts'
import { secret, secretUrl } from '../../src/domain/secret.ts'
import { filesSettings } from '../../src/sources/files/settings.ts'

/** A source with every kind of field that the loader treats in its own way. */
export const phoneSettings = z.strictObject({
  api_key: secret().describe('Key of the account'),
  proxy: secretUrl(['https'], 'https://<user>@<host>').optional(),
  page_size: z.int().min(1).max(250).default(250),
  strict: z.boolean().default(false),
  region: z.enum(['us', 'eu']).default('us'),
  label: z.string().optional(),
  auth: z.union([secret(), z.strictObject({ user: z.string(), password: secret() })]).optional(),
})

export const settingsBySource = { files: filesSettings, phone: phoneSettings }

export type Files = Readonly<Record<string, string | Uint8Array>>

/** Writes files (by path in a new folder) and returns the folder; it is removed when the test ends. */
export const writeFiles = async (files: Files): Promise<string> => {
  const cwd = await mkdtemp(join(tmpdir(), 'reelhouse-config-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  await mkdir(join(cwd, 'config'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true })
    await writeFile(join(cwd, name), text)
  }
  return cwd
}

export const load = async (files: Files, env: Env = {}): Promise<Config> =>
  loadConfig({ paths: ['config'], cwd: await writeFiles(files), env, settingsBySource })

/** The problems with which the loader refuses the files. */
export const problemsOf = async (files: Files, env: Env = {}): Promise<readonly string[]> => {
  const error: unknown = await load(files, env).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof ConfigError) return error.problems
  throw error ?? new Error('the configuration was accepted')
}
