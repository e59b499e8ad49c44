import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, root } from './pages.ts'
import { blocksByFile, quotedFiles, quotedText, withBlocks } from './quoted-files.ts'

const page = 'docs/adding-a-source.md'

/** UPDATE_DOCS=1 (npm run docs) writes the blocks instead. */
test('the files of docs/adding-a-source.md are those that are tested', async () => {
  const texts: Record<string, string> = {}
  for (const place of Object.keys(quotedFiles)) texts[place] = await quotedText(place)
  if (process.env.UPDATE_DOCS === '1') await writeFile(join(root, page), withBlocks((await readPage(page)).text, texts))
  const { 'src/sources/registry.ts': registry = '', ...quoted } = blocksByFile(await readPage(page))
  expect(quoted, `${page} is out of date: npm run docs`).toEqual(texts)
  expect(registry).toMatch(/^\+/m)
})

test('its line of the registry is the one that is tested', async () => {
  const { 'src/sources/registry.ts': registry = '' } = blocksByFile(await readPage(page))
  const tested = await readFile(join(root, 'test/adding-a-source/registry.ts'), 'utf8')
  const added = Array.from(registry.matchAll(/^\+(.*)$/gm), ([, line = '']) => line)
  expect(added).toHaveLength(3)
  for (const line of added) expect(tested).toContain(line.replace('./hearsay/', './'))
})
