import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesSettings } from '../../src/sources/files/settings.ts'
import { openFiles } from '../../src/sources/files/source.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelhouse-source-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const context = { signal: new AbortController().signal }
const columns = { message_id: 'id', created_at: 'at' }

const writeDump = async (name: string, text: string, modified: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  await utimes(path, new Date(modified), new Date(modified))
  return path
}

test('a file that is replaced after it was listed has the version of what is read, not of what was listed', async () => {
  await writeDump('calls.csv', 'id,at\n1,2026-01-01T00:00:00Z\n', '2023-01-01T00:00:00Z')
  const stream = openFiles(filesSettings.parse({ paths: ['*.csv'], columns }), folder)
  const [listed] = await stream.list(context)
  if (listed === undefined) throw new Error('nothing was listed')
  expect(listed.version).toBe(Date.UTC(2023, 0, 1) * 1000)

  const replacement = await writeDump(
    '.next',
    'id,at\n1,2026-02-01T00:00:00Z\n2,2026-02-01T00:00:00Z\n',
    '2026-02-02T00:00:00Z',
  )
  await rename(replacement, join(folder, 'calls.csv'))
  const { file } = await stream.scan(listed, context)
  expect(file).toMatchObject({
    name: 'calls.csv',
    sizeBytes: 52,
    modifiedAt: Date.UTC(2026, 1, 2) * 1000,
    version: Date.UTC(2026, 1, 2) * 1000,
    problem: null,
  })
})

test('files load from the oldest version to the newest, and by name where these are equal', async () => {
  await writeDump('b.csv', 'id,at\n', '2024-01-01T00:00:00Z')
  await writeDump('c.csv', 'id,at\n', '2023-01-01T00:00:00Z')
  await writeDump('a.csv', 'id,at\n', '2024-01-01T00:00:00Z')
  const stream = openFiles(filesSettings.parse({ paths: ['*.csv'], columns }), folder)
  expect((await stream.list(context)).map(({ name }) => name)).toEqual(['c.csv', 'a.csv', 'b.csv'])
})

test('a look at the head of a file tells a header that lacks a column', async () => {
  await writeDump('calls.csv', 'id,when\n1,2026-01-01T00:00:00Z\n', '2024-01-01T00:00:00Z')
  const stream = openFiles(filesSettings.parse({ paths: ['calls.csv'], columns }), folder)
  const [listed] = await stream.list(context)
  if (listed === undefined) throw new Error('nothing was listed')
  await expect(stream.peek(listed, context)).rejects.toThrow(/calls\.csv: .*at/)
})
