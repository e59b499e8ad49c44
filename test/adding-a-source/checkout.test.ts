import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocks } from '../docs/markdown.ts'
import { readPage, root } from '../docs/pages.ts'
import { blocksByFile } from '../docs/quoted-files.ts'
import { createCliCase } from '../support/cli-case.ts'
import { startHearsaySimulator } from './simulator.ts'

const run = promisify(execFile)

const registry = 'src/sources/registry.ts'
const registryStart = 'export const sources = {\n'

/** The lines that a diff adds: imports on top, the others where the registry begins. */
const withAdded = (text: string, diff: string): string => {
  const added = Array.from(diff.matchAll(/^\+(.*)$/gm), ([, line = '']) => `${line}\n`)
  const imports = added.filter((line) => line.startsWith('import '))
  const entries = added.filter((line) => !line.startsWith('import '))
  return imports.join('') + text.replace(registryStart, registryStart + entries.join(''))
}

/** A copy of the project in which somebody did what the page says; what tsc says of it is the error. Returns its program. */
const checkoutOfPage = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-checkout-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const copied = ['src', 'migrations', 'package.json', 'tsconfig.json', 'tsconfig.build.json']
  for (const name of [...copied, 'test/contract/contract-case.ts']) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await cp(join(root, name), join(folder, name), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { [registry]: diff = '', ...files } = blocksByFile(await readPage('docs/adding-a-source.md'))
  await writeFile(join(folder, registry), withAdded(await readFile(join(folder, registry), 'utf8'), diff))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const tsc = join(root, 'node_modules/.bin/tsc')
  await run(tsc, ['--noEmit'], { cwd: folder })
  await run(tsc, ['-p', 'tsconfig.build.json'], { cwd: folder })
  return join(folder, 'dist/cli/main.js')
}

const minute = 60_000_000
const apiKey = 'hearsay-not-a-real-key-5f1c'

/** What the page writes into the configuration, with the address of a simulator. */
const configuration = async (baseUrl: string): Promise<string> => {
  const [block] = codeBlocks((await readPage('docs/adding-a-source.md')).text).filter(
    ({ language }) => language === 'yaml',
  )
  const since = new Date(Date.now() - 86_400_000).toISOString()
  return `${block?.text.replace('2026-01-01', since)}    base_url: ${baseUrl}\n    requests_per_second: 1000\n`
}

test('what docs/adding-a-source.md says makes a program that keeps the vendor in Postgres', async () => {
  const main = await checkoutOfPage()
  const now = () => Date.now() * 1000
  const simulator = await startHearsaySimulator(apiKey, now)
  onTestFinished(() => simulator.close())
  const place = await createCliCase({ config: await configuration(simulator.baseUrl) })
  const env = { ...process.env, DATABASE_URL: place.database.url, HEARSAY_API_KEY: apiKey }
  const reelhouse = async (...args: readonly string[]) =>
    JSON.parse((await run(process.execPath, [main, ...args, '--json'], { cwd: place.folder, env })).stdout)
  const synced = async () => {
    const { connections } = await reelhouse('sync')
    const [{ records, rows, tallies }] = connections
    return { ...records, inserted: rows.inserted, updated: rows.updated, deleted: tallies.deleted ?? 0 }
  }
  const rows = async () =>
    (
      await place.rows<{ readonly text: string }>(
        `select concat_ws(' ', message_id, message_direction, call_duration_in_sec, first_name, recording_status) as text
         from reelhouse.call_recordings order by message_id`,
      )
    ).map(({ text }) => text)

  const began = now()
  simulator.add(began - 300 * minute, { id: 'a', given_name: 'Ada' })
  simulator.add(began - 50 * minute, { id: 'b', way: 'out' })
  simulator.add(began - 40 * minute, { id: 'c', state: 'recording', seconds: null })
  simulator.add(began - 30 * minute, { id: 'd', began: 'yesterday' })
  expect(await synced()).toEqual({
    listed: 4,
    flattened: 2,
    rejected: 1,
    skipped: 0,
    pending: 1,
    inserted: 2,
    updated: 0,
    deleted: 0,
  })
  simulator.change('b', { seconds: 90 })
  simulator.change('c', { state: 'done', seconds: 12 })
  expect(await synced()).toMatchObject({ rejected: 0, pending: 0, inserted: 1, updated: 1, deleted: 0 })
  simulator.remove('b')
  expect(await synced()).toMatchObject({ flattened: 0, inserted: 0, updated: 0, deleted: 1 })
  expect(await rows()).toEqual(['a inbound 61 Ada available', 'b outbound 90 deleted', 'c inbound 12 available'])
  expect(await reelhouse('resolve', 'surgery', 'a')).toMatchObject({
    url: expect.stringMatching(/^https:\/\/audio\.hearsay\.example\/a\.mp3\?/),
  })
}, 180_000)
