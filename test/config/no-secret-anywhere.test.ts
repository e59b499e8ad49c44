// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import type { Env } from '../../src/config/env-reference.ts'
import { isMap } from '../../src/config/problem.ts'
import { createRedactor } from '../../src/domain/redact.ts'
import { type Files, load } from './config-folder.ts'

/** A plain one; and one with characters that some notation escapes, longer than what a problem shows of a value. */
const secrets = ['Zq7Xw2Vt9Kp4Jm6', 'Zq7X"w2Vt9/Kp4+Jm6%Ub3\\Hd8 ü&Rf5Yc1'.repeat(3)]

/** Every place where a secret belongs holds one. */
const base = {
  warehouse: { url: 'postgres://me:${URL_SECRET}@db.example:5432/calls?sslpassword=${URL_SECRET}' },
  connections: [
    {
      id: 'phones',
      source: 'phone',
      api_key: '${SECRET}',
      proxy: 'https://me:${URL_SECRET}@proxy.example',
      page_size: 100,
      strict: true,
      region: 'eu',
      label: 'x',
      auth: { user: 'u', password: '${SECRET}' },
    },
    {
      id: 'dumps',
      source: 'files',
      into: 'phones',
      records: 'keys',
      paths: ['*.csv'],
      encoding: 'auto',
      csv: { delimiter: 'auto', header: ['a', 'b'] },
      columns: {
        message_id: { hash: ['a'] },
        created_at: { column: 'b', format: ['iso'], zone: 'UTC' },
        message_direction: { constant: 'inbound' },
        call_duration_in_sec: { column: 'c', unit: 's' },
      },
      map_keys: { queue_id: 'q' },
      default_country: 'US',
      version: { file_name: '(\\d+)' },
    },
  ],
  portfolios: {
    default: 'none',
    default_country: 'US',
    rules: [{ attribute: 'queue_id', value: 'q', portfolio_id: 'P1', connection: 'phones' }],
  },
  retention: { runs: '90d', payloads: '30d' },
}

type Path = readonly (string | number)[]

const pathsOf = (value: unknown): readonly Path[] => {
  if (!isMap(value) && !Array.isArray(value)) return [[]]
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return [[], ...keys.flatMap((key) => pathsOf(Reflect.get(value, key)).map((path) => [key, ...path]))]
}

const replaced = (value: unknown, [key, ...rest]: Path, change: (value: unknown) => unknown): unknown => {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item, rest, change) : item))
  return isMap(value) ? { ...value, [key]: replaced(value[key], rest, change) } : value
}

const changesWith = (secret: string): readonly ((value: unknown) => unknown)[] => [
  () => secret,
  () => [secret],
  () => ({ [secret]: secret }),
  () => `Bearer ${secret}`,
  () => `\${SECRET:-${secret}}`,
  () => `\${${secret}`,
  () => `https://me:${encodeURIComponent(secret)}@b.example/?api_key=${encodeURIComponent(secret)}`,
  () => '${SECRET}',
  () => ['${SECRET}'],
  (value) => (isMap(value) ? { ...value, [secret]: 1 } : `${value}${secret}`),
]

/** The second file makes the secret known, whatever the first one has become. */
const yaml = (value: unknown): Files => ({
  'config/a.yaml': JSON.stringify(value),
  'config/z.yaml': 'connections: [{ id: other, source: phone, api_key: "${SECRET}" }]',
})

type Loaded = { readonly config: Config } | { readonly error: unknown }

const loaded = (files: Files, env: Env): Promise<Loaded> =>
  load(files, env).then(
    (config) => ({ config }),
    (error: unknown) => ({ error }),
  )

const printed = (value: unknown): string =>
  [
    JSON.stringify(value),
    inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null }),
    String(value),
    ...(value instanceof Error ? [value.message, value.stack] : []),
  ].join('\n')

/** Eight characters in a row are a leak, also where a text was cut or escaped in the middle of a secret. */
const leakIn = (text: string, secret: string): string | undefined => {
  const windows = [secret, encodeURIComponent(secret)].flatMap((form) =>
    Array.from({ length: form.length - 7 }, (_, at) => form.slice(at, at + 8)),
  )
  const leak = [...new Set(windows)].find((window) => text.includes(window))
  return leak === undefined ? undefined : `${leak} in ${text.slice(0, 2_000)}`
}

const envOf = (secret: string): Env => ({ SECRET: secret, URL_SECRET: encodeURIComponent(secret) })

describe.each(secrets)('the secret %j', (secret) => {
  const env = envOf(secret)

  it('shows nowhere in a configuration that has it in every place where one belongs', async () => {
    const result = await loaded(yaml(base), env)
    if (!('config' in result)) throw result.error
    expect(result.config.secrets.map((known) => known.reveal())).toContain(secret)
    expect(leakIn(printed(result.config), secret)).toBeUndefined()
    expect(leakIn(printed(result.config.connections[0]?.settings), secret)).toBeUndefined()
  })

  it('shows in no problem, wherever else it was written; where it is taken for a plain value, the redactor knows it', async () => {
    const variants = pathsOf(base).flatMap((path) => changesWith(secret).map((change) => replaced(base, path, change)))
    const results = await Promise.all(variants.map((variant) => loaded(yaml(variant), env)))
    const texts = results.map((result) =>
      'error' in result ? printed(result.error) : createRedactor(result.config.secrets)(JSON.stringify(result.config)),
    )
    expect(texts.flatMap((text) => leakIn(text, secret) ?? [])).toEqual([])
    expect(variants.length).toBeGreaterThan(400)
    expect(results.filter((result) => 'error' in result).length).toBeGreaterThan(300)
  })

  it('shows in no problem of a secret field, when nothing else says that it is one', async () => {
    const fields: readonly Path[] = [
      ['warehouse', 'url'],
      ['connections', 0, 'api_key'],
      ['connections', 0, 'proxy'],
      ['connections', 0, 'auth'],
      ['connections', 0, 'auth', 'password'],
    ]
    const other = { ...envOf('another-secret'), OTHER: secret }
    for (const path of fields)
      for (const change of [...changesWith(secret), () => '${OTHER', () => 'https://${OTHER}', () => '${OTHER:-x}y']) {
        const variant = replaced(base, path, (value) => change(isMap(value) ? 'x' : value))
        const result = await loaded(yaml(variant), other)
        if ('error' in result) expect(leakIn(printed(result.error), secret)).toBeUndefined()
      }
  })

  it('shows in no problem of a DATABASE_URL, a portfolio file or a file that is no YAML', async () => {
    const { warehouse: _, ...rest } = base
    const csv = (line: string): Files => ({ ...yaml(rest), 'config/portfolios.csv': line })
    const header = 'attribute,value,portfolio_id,connection\n'
    const cell = JSON.stringify(secret)
    const cases: readonly (readonly [Files, Env])[] = [
      [yaml(rest), { ...env, DATABASE_URL: `mysql://me:${secret}@db/x` }],
      [yaml(rest), { ...env, DATABASE_URL: `host=db password=${secret}` }],
      [csv(`${secret},value\n`), env],
      [csv(`${header}${secret},${secret},${secret},${secret}\n`), env],
      [csv(`${header}queue_id,"${secret}"x,P1,\n`), env],
      [{ ...yaml(rest), 'config/b.yaml': `a: "x" ${secret}\n- ${secret}: @${secret}\n}${secret}\n` }, env],
      [{ ...yaml(rest), 'config/b.yaml': `retention: *${secret.slice(0, 15)}\n` }, env],
      [{ ...yaml(rest), 'config/b.yaml': `? ${cell}\n: ${cell}\n? ${cell}\n: 1\n` }, env],
      [{ ...yaml(rest), 'config/b.yaml': `portfolios: { file: ${cell} }\n` }, env],
    ]
    for (const [files, given] of cases) {
      const result = await loaded(files, given)
      expect(result).toHaveProperty('error')
      expect('error' in result ? leakIn(printed(result.error), secret) : 'accepted').toBeUndefined()
    }
  })
})
