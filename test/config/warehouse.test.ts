// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Env } from '../../src/config/env-reference.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { load, problemsOf, settingsBySource, writeFiles } from './config-folder.ts'

const withUrl = (url: string) => ({ 'config/a.yaml': `warehouse:\n  url: "${url}"\n` })

const urlOf = async (files: Readonly<Record<string, string>>, env: Env) => {
  const { warehouse, secrets } = await load(files, env)
  return warehouse.kind === 'external'
    ? { url: warehouse.url.reveal(), secrets: secrets.map((secret) => secret.reveal()) }
    : null
}

const withPassword = 'postgres://me:s3cr%2Ft@db.example:5432/calls'

describe('the warehouse', () => {
  it('is the URL of the settings, whose password is a secret', async () => {
    const secrets = [withPassword, 's3cr%2Ft', 's3cr/t']
    expect(await urlOf(withUrl('${URL}'), { URL: withPassword, DATABASE_URL: 'postgres://other/db' })).toEqual({
      url: withPassword,
      secrets,
    })
    const inPart = withUrl('postgres://me:${PASSWORD}@db.example:${PORT:-5432}/calls')
    expect(await urlOf(inPart, { PASSWORD: 's3cr%2Ft' })).toEqual({ url: withPassword, secrets })
  })

  it('may be a URL without a password, written out', async () => {
    for (const url of ['postgres://me@db.example/calls', 'postgresql:///calls?host=/var/run/postgresql'])
      expect(await urlOf(withUrl(url), {})).toEqual({ url, secrets: [] })
  })

  it('is DATABASE_URL, where the settings name none', async () => {
    expect(await urlOf({ 'config/a.yaml': 'warehouse: { directory: pg }\n' }, { DATABASE_URL: withPassword })).toEqual({
      url: withPassword,
      secrets: [withPassword, 's3cr%2Ft', 's3cr/t'],
    })
  })

  it('is the embedded one otherwise, in a directory relative to the file that names it', async () => {
    const cwd = await writeFiles({ 'config/a.yaml': 'warehouse: { directory: ../pg }\n' })
    const { warehouse } = await loadConfig({ paths: ['config'], cwd, env: { DATABASE_URL: '' }, settingsBySource })
    expect(warehouse).toEqual({ kind: 'embedded', directory: join(cwd, 'pg') })
  })

  it('refuses a password that is written out, wherever in the URL it is', async () => {
    const urls = [
      'postgres://me:hunter2@db.example/calls',
      'postgres://me:${PASSWORD}hunter2@db.example/calls',
      'postgres://me:${PASSWORD:-hunter2}@db.example/calls',
      'postgres://me:hun/t#er@2@db.example/calls',
      'postgres://db.example/calls?password=hunter2',
      '${PREFIX:-postgres://}me:hunter2@db.example/calls',
      '${SCHEME}://me:hunter2@db.example/calls',
    ]
    for (const url of urls)
      expect(await problemsOf(withUrl(url), { PASSWORD: 'p' })).toEqual([
        'config/a.yaml:2: warehouse.url: [redacted] holds a password; write ${NAME} in its place and set NAME in the environment',
      ])
  })

  it('refuses what is no Postgres URL without showing it', async () => {
    const advice = '[redacted] is not a URL of the right kind; allowed: postgres://<user>@<host>:5432/<database>'
    expect(await problemsOf(withUrl('mysql://db.example/calls'))).toEqual([`config/a.yaml:2: warehouse.url: ${advice}`])
    expect(await problemsOf(withUrl('${URL}'), { URL: 'host=db password=hunter2' })).toEqual([
      `config/a.yaml:2: warehouse.url: ${advice}`,
    ])
    expect(await problemsOf({ 'config/a.yaml': '' }, { DATABASE_URL: 'host=db password=hunter2' })).toEqual([
      `environment: DATABASE_URL: ${advice}`,
    ])
  })

  it('refuses a URL together with a directory, and a timeout that Postgres cannot hold', async () => {
    expect(await problemsOf({ 'config/a.yaml': 'warehouse:\n  url: postgres://db/x\n  directory: pg\n' })).toEqual([
      'config/a.yaml:3: warehouse.directory: excludes url: url names your own Postgres, directory is for the embedded one; allowed: one of them',
    ])
    expect(await problemsOf({ 'config/a.yaml': 'warehouse: { statement_timeout: 25d }\n' })).toEqual([
      'config/a.yaml:1: warehouse.statement_timeout: "25d" is too long; allowed: up to 24d',
    ])
  })
})
