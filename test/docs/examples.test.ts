import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { ConfiguredSource } from '../../src/sources/configured-source.ts'
import { sources } from '../../src/sources/registry.ts'
import { sources as withHearsay } from '../adding-a-source/registry.ts'
import { configKeys } from './configuration.ts'
import { codeBlocks } from './markdown.ts'
import { readPage, readPages, root } from './pages.ts'

/** What the examples take from the environment. */
const env = {
  DATABASE_URL: 'postgres://etl@localhost/warehouse',
  PGPASSWORD: 'not-a-real-one',
  TELNYX_API_KEY: 'KEY-not-a-real-one',
  VOIPBIN_ACCESS_KEY: 'vb-not-a-real-one',
  VAPI_API_KEY: 'vapi-not-a-real-one',
  DOTDO_API_KEY: 'dotdo-not-a-real-one',
  GENESYS_CLIENT_SECRET: 'secret-not-a-real-one',
  TRAVTUS_CLIENT_SECRET: 'travtus-not-a-real-one',
  REELHOUSE_PRIVACY_SECRET: 'privacy-not-a-real-one-0123456789-0123',
  REELHOUSE_PRIVACY_SECRET_2025: 'privacy-not-a-real-one-0123456789-2025',
  HEARSAY_API_KEY: 'hearsay-not-a-real-one',
  EXPORT_HASH_SECRET: 'digests-not-a-real-one',
}

const load = (path: string) =>
  loadConfig({
    paths: [path],
    env: {
      TELNYX_API_KEY: env.TELNYX_API_KEY,
      VOIPBIN_ACCESS_KEY: env.VOIPBIN_ACCESS_KEY,
      VAPI_API_KEY: env.VAPI_API_KEY,
      DOTDO_API_KEY: env.DOTDO_API_KEY,
      GENESYS_CLIENT_SECRET: env.GENESYS_CLIENT_SECRET,
      TRAVTUS_CLIENT_SECRET: env.TRAVTUS_CLIENT_SECRET,
      EXPORT_HASH_SECRET: env.EXPORT_HASH_SECRET,
      REELHOUSE_PRIVACY_SECRET: env.REELHOUSE_PRIVACY_SECRET,
      REELHOUSE_PRIVACY_SECRET_2025: env.REELHOUSE_PRIVACY_SECRET_2025,
    },
    settingsBySource: sources,
    cwd: root,
  })

test('the example with every key is a configuration that loads', async () => {
  const config = await load('config/examples')
  expect(config.connections.map(({ id }) => id)).toEqual([
    'front-desk',
    'contact-centre',
    'front-desk-history',
    'switchboard',
    'assistant',
    'assistant-history',
    'recordings-api',
    'phone-system',
    'call-centre',
    'answering-service',
    'phone-system-history',
  ])
  for (const { id, settings, configDir } of config.connections) {
    if (!(settings instanceof ConfiguredSource)) throw new TypeError('no source')
    const source = settings.open({ connectionId: id, folder: configDir })
    const streams = source.kind === 'api' ? source.streams : [source]
    expect(streams.map(({ name }) => name)).toEqual(['recordings'])
  }
  expect(config.portfolios.rules).toHaveLength(6)
})

/** Paths of all keys of a value, lists as `[]`. */
const pathsIn = (value: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = path === '' ? name : `${path}.${name}`
    return [key, ...pathsIn(inner, key)]
  })
}

/** Forms of a field (`constant`, `hash`) need to be shown at one field only. */
const anyField = (path: string): string => path.replace(/(\.columns)\.[a-z_]+(\.[a-z]+)$/, '$1.*$2')

/** Two keys that exclude each other: the second is written as a comment. */
const commented = ['warehouse.url', 'connections[].token']

test('the example shows every key that there is', async () => {
  const { text } = await readPage('config/examples/reelhouse.yaml')
  const shown = new Set(pathsIn(parse(text)).map(anyField))
  const missing = configKeys()
    .map(({ path }) => anyField(path))
    .filter((path) => !shown.has(path))
  expect([...new Set(missing)]).toEqual(commented)
  expect(text).toMatch(/^ +# url: /m)
})

test('every YAML in the documentation is YAML', async () => {
  for (const { name, text } of await readPages()) {
    for (const block of codeBlocks(text).filter(({ language }) => language === 'yaml'))
      expect(() => parse(block.text), `${name}:\n${block.text}`).not.toThrow()
  }
})

test('every configuration in the documentation loads', async () => {
  const pages = await readPages()
  const blocks = pages.flatMap(({ name, text }) =>
    codeBlocks(text)
      .filter(
        (block) =>
          block.language === 'yaml' &&
          /^(?:connections|portfolios|warehouse|retention|privacy|reading|export):/m.test(block.text),
      )
      .map((block) => ({ name, text: block.text })),
  )
  expect(blocks.length).toBeGreaterThan(5)
  for (const block of blocks) {
    const folder = await mkdtemp(join(tmpdir(), 'reelhouse-docs-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'reelhouse.yaml'), block.text)
    await writeFile(join(folder, 'portfolios.csv'), 'attribute,value,portfolio_id\nown_number,+15125550100,P1\n')
    const settingsBySource = block.name === 'docs/adding-a-source.md' ? withHearsay : sources
    const loaded = loadConfig({ paths: [folder], env, settingsBySource, cwd: folder })
    await expect(loaded, `${block.name}:\n${block.text}`).resolves.toBeDefined()
  }
})
