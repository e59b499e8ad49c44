import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { discoverFiles } from '../../../src/sources/files/discover.ts'
import { openStored } from '../../../src/sources/files/stored-file.ts'

const root = await realpath(await mkdtemp(join(tmpdir(), 'reelhouse-discover-')))
afterAll(() => rm(root, { recursive: true, force: true }))

const write = async (name: string): Promise<void> => {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), 'id\n')
}

for (const name of ['conf/dumps/b.csv', 'conf/dumps/a.csv', 'conf/dumps/deep/c.csv', 'conf/dumps/dump (1) [x].csv'])
  await write(name)
for (const name of ['conf/dumps/note.txt', 'other/d.csv']) await write(name)
await symlink('../other', join(root, 'conf/linked'))
await symlink('deep/c.csv', join(root, 'conf/dumps/link.csv'))
await symlink('nowhere', join(root, 'conf/dumps/broken.csv'))

const names = async (...paths: readonly string[]): Promise<readonly string[]> =>
  (await discoverFiles(join(root, 'conf'), paths)).map((file) => file.name)

describe('discovering files', () => {
  test('a file has its name relative to the folder, its path and its marks', async () => {
    const [file] = await discoverFiles(join(root, 'conf'), ['dumps/a.csv'])
    expect(file).toEqual({
      name: 'dumps/a.csv',
      path: join(root, 'conf/dumps/a.csv'),
      problem: null,
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

describe('a link among dumps', () => {
  const place = join(root, 'linked-dumps')
  const put = async (name: string, target: string): Promise<void> => {
    await mkdir(dirname(join(place, name)), { recursive: true })
    await symlink(target, join(place, name))
  }
  const problemsOf = async (paths: readonly string[], outsideLinks = false) =>
    (await discoverFiles(place, paths, outsideLinks)).map(({ name, problem }) => [name, problem])

  test('is read where it stays within the folders that are named, as mounted volumes have them', async () => {
    await write('linked-dumps/volume/..2026/a.csv')
    await put('volume/..data', '..2026')
    await put('volume/a.csv', '..data/a.csv')
    await write('linked-dumps/year/2026/b.csv')
    await put('year/latest/b.csv', '../2026/b.csv')
    expect(await problemsOf(['volume/*.csv', 'year/**/*.csv'])).toEqual([
      ['volume/a.csv', null],
      ['year/2026/b.csv', null],
      ['year/latest/b.csv', null],
    ])
  })

  test('is refused by name where it leads out of them, by name or by pattern, in a chain too', async () => {
    await write('secrets/other-client.csv')
    await put('in/evil.csv', '../../secrets/other-client.csv')
    await put('in/absolute.csv', join(root, 'secrets/other-client.csv'))
    await put('in/chain.csv', 'evil.csv')
    await put('in/near.csv', '../in-no-more.csv')
    await write('linked-dumps/in-no-more.csv')
    const refused = (name: string, real: string) => [
      name,
      `${name}: is a link that leads out of its folder, to ${join(root, real)}; name that file in paths, or set outside_links: true`,
    ]
    const expected = [
      refused('in/absolute.csv', 'secrets/other-client.csv'),
      refused('in/chain.csv', 'secrets/other-client.csv'),
      refused('in/evil.csv', 'secrets/other-client.csv'),
      refused('in/near.csv', 'linked-dumps/in-no-more.csv'),
    ]
    expect(await problemsOf(['in/*.csv'])).toEqual(expected)
    expect(await problemsOf(['in/evil.csv'])).toEqual(expected.slice(2, 3))
    expect(await problemsOf(['in/*.csv'], true)).toEqual(expected.map(([name]) => [name, null]))
    expect(await problemsOf(['in/*.csv', '../secrets/*.csv'])).toEqual([
      ['../secrets/other-client.csv', null],
      ['in/absolute.csv', null],
      ['in/chain.csv', null],
      ['in/evil.csv', null],
      expected[3],
    ])
  })

  test('that is put in the way of a file after it was found is not followed', async () => {
    await write('linked-dumps/swap/a.csv')
    await write('linked-dumps/swap/deep/b.csv')
    const [a, b] = await discoverFiles(place, ['swap/**/*.csv'])
    if (a === undefined || b === undefined) throw new Error('not found')
    for (const file of [a, b]) await (await openStored({ ...file, version: null })).close()
    await rename(join(place, 'swap/a.csv'), join(place, 'swap/kept'))
    await put('swap/a.csv', '../../secrets/other-client.csv')
    await rename(join(place, 'swap/deep'), join(place, 'swap/kept-folder'))
    await put('swap/deep', '../../secrets')
    await write('secrets/b.csv')
    for (const file of [a, b])
      await expect(openStored({ ...file, version: null })).rejects.toThrow(
        `${file.name}: it was replaced, or a link was put in its way, while it was opened`,
      )
  })
})
