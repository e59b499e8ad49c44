import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { discoverFiles } from '../../../src/sources/files/discover.ts'

const root = await mkdtemp(join(tmpdir(), 'reelhouse-discover-'))
afterAll(() => rm(root, { recursive: true, force: true }))

const write = async (name: string): Promise<void> => {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), 'id\n')
}

for (const name of ['conf/dumps/b.csv', 'conf/dumps/a.csv', 'conf/dumps/deep/c.csv', 'conf/dumps/dump (1) [x].csv'])
  await write(name)
for (const name of ['conf/dumps/note.txt', 'other/d.csv']) await write(name)
await symlink('../other', join(root, 'conf/linked'))
await symlink('../../other/d.csv', join(root, 'conf/dumps/link.csv'))
await symlink('nowhere', join(root, 'conf/dumps/broken.csv'))

const names = async (...paths: readonly string[]): Promise<readonly string[]> =>
  (await discoverFiles(join(root, 'conf'), paths)).map((file) => file.name)

describe('discovering files', () => {
  test('a file has its name relative to the folder, its path and its marks', async () => {
    const [file] = await discoverFiles(join(root, 'conf'), ['dumps/a.csv'])
    expect(file).toEqual({
      name: 'dumps/a.csv',
      path: join(root, 'conf/dumps/a.csv'),
      sizeBytes: 3,
      modifiedAt: expect.any(Number),
    })
    expect(Math.abs((file?.modifiedAt ?? 0) / 1_000 - Date.now())).toBeLessThan(600_000)
  })

  test('patterns give files by name, each once; a link to a file is a file', async () => {
    expect(await names('dumps/*.csv', 'dumps/b.csv', 'dumps/?.csv')).toEqual([
      'dumps/a.csv',
      'dumps/b.csv',
      'dumps/dump (1) [x].csv',
      'dumps/link.csv',
    ])
  })

  test('patterns descend into folders, not through linked ones, and ! excludes', async () => {
    expect(await names('**/?.csv', '!dumps/b.csv')).toEqual(['dumps/a.csv', 'dumps/deep/c.csv'])
  })

  test('a name with brackets is a name when there is such a file', async () => {
    expect(await names('dumps/dump (1) [x].csv')).toEqual(['dumps/dump (1) [x].csv'])
  })

  test('the operator may leave the folder, by name, pattern, link or absolute path', async () => {
    expect(await names('../other/d.csv')).toEqual(['../other/d.csv'])
    expect(await names('../other/*.csv')).toEqual(['../other/d.csv'])
    expect(await names('linked/d.csv')).toEqual(['linked/d.csv'])
    expect(await names(join(root, 'other/*.csv'))).toEqual(['../other/d.csv'])
  })

  test('a pattern that matches nothing is no error', async () => {
    expect(await names('dumps/*.jsonl', 'no/such/folder/*.csv')).toEqual([])
  })

  test('a name without a file is an error', async () => {
    await expect(names('dumps/z.csv')).rejects.toThrow(
      `dumps/z.csv: there is no such file in ${join(root, 'conf')}; correct paths, or create it`,
    )
    await expect(names('dumps/broken.csv')).rejects.toThrow('dumps/broken.csv: there is no such file')
  })

  test('a directory is an error', async () => {
    await expect(names('dumps')).rejects.toThrow('dumps: is a directory; name files, or a pattern such as dumps/*.csv')
  })

  test('a directory that cannot be listed is an error, not a lack of files', async () => {
    await symlink('loop.csv', join(root, 'other/loop.csv'))
    await expect(names('../other/*.csv')).rejects.toThrow(
      'loop.csv: cannot be listed (ELOOP); check links and permissions',
    )
  })
})
