import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { steps } from '../../src/domain/step.ts'
import { filesSettings } from '../../src/sources/files/settings.ts'
import { readPage, root } from './pages.ts'

/** Where records are read, flattened and counted. */
const folders = ['src/sources', 'src/transform', 'src/pipeline']

/** Literals that look like a code and are none: steps of a load, encodings, and these. */
const otherWords: readonly string[] = [
  ...steps,
  ...filesSettings.shape.encoding.unwrap().options,
  'damaged-utf-8',
  'line-end',
  'xz-compressed',
  'zstd-compressed',
  'bzip2-compressed',
]

const literal = /'([a-z]+(?:-[a-z0-9]+)+)'/g

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^import[\s\S]*?from '[^']+'$/gm, '')

const codesInSource = async (): Promise<readonly string[]> => {
  const codes = new Set<string>()
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue
      const text = withoutComments(await readFile(join(root, folder, name), 'utf8'))
      for (const [, code = ''] of text.matchAll(literal)) if (!otherWords.includes(code)) codes.add(code)
    }
  }
  return [...codes].sort()
}

const codesIn = (section: string): readonly string[] =>
  Array.from(section.matchAll(/^\| `([a-z-]+)` \|/gm), ([, code = '']) => code)

const documented = async () => {
  const { text } = await readPage('docs/files.md')
  const [, rejects = '', notes = ''] = text.split(/^## (?:Reject codes|Notes: .*)$/m)
  return { rejects: codesIn(rejects), notes: codesIn(notes) }
}

test('docs/files.md lists every reject code and note of the code, and no other', async () => {
  const { rejects, notes } = await documented()
  expect(rejects.length).toBeGreaterThan(10)
  expect(notes.length).toBeGreaterThan(5)
  expect([...rejects, ...notes].sort()).toEqual(await codesInSource())
})
