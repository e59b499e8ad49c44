import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

export interface Page {
  /** Relative to the project. */
  readonly name: string
  readonly text: string
}

export const readPage = async (name: string): Promise<Page> => ({
  name,
  text: await readFile(join(root, name), 'utf8'),
})

/** README and everything under docs. */
export const readPages = async (): Promise<readonly Page[]> => {
  const docs = (await readdir(join(root, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md')).sort()
  return Promise.all(['README.md', ...docs.map((name) => join('docs', name))].map(readPage))
}

/** Names of the pages under docs/sources: one for each platform. */
export const sourcePages = async (): Promise<readonly string[]> =>
  (await readdir(join(root, 'docs/sources'))).map((name) => join('docs/sources', name)).sort()
