import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Page, root } from './pages.ts'

/** The vendor of docs/adding-a-source.md: where each file of it would stand, and where it does. */
export const quotedFiles: Readonly<Record<string, string>> = {
  'src/sources/hearsay/settings.ts': 'test/adding-a-source/settings.ts',
  'src/sources/hearsay/stub.ts': 'test/adding-a-source/stub.ts',
  'src/sources/hearsay/flatten.ts': 'test/adding-a-source/flatten.ts',
  'test/sources/hearsay/flatten.test.ts': 'test/adding-a-source/flatten.test.ts',
  'src/sources/hearsay/source.ts': 'test/adding-a-source/source.ts',
  'src/simulator/hearsay/simulator.ts': 'test/adding-a-source/simulator.ts',
  'test/contract/hearsay.ts': 'test/adding-a-source/contract-case.ts',
}

/** Of a file here, the one that it would be there. */
const placeOf = (file: string): string => Object.entries(quotedFiles).find(([, here]) => here === file)?.[0] ?? file

const movedImports = (text: string, from: string, to: string): string =>
  text.replaceAll(/(?<= from ')\.[^']+(?=')/g, (specifier) => {
    const target = placeOf(relative(root, resolve(root, dirname(from), specifier)))
    const path = relative(dirname(to), target)
    return path.startsWith('.') ? path : `./${path}`
  })

/** As `npm run format` leaves it: imports are in another order elsewhere. */
const formatted = (text: string, name: string): Promise<string> =>
  new Promise((done, failed) => {
    const args = ['check', '--write', `--stdin-file-path=${name}`]
    const child = execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: root }, (error, stdout) =>
      error === null ? done(stdout) : failed(error),
    )
    child.stdin?.end(text)
  })

/** The text of a file as it would be at its place. */
export const quotedText = async (place: string): Promise<string> => {
  const file = quotedFiles[place] ?? place
  return formatted(movedImports(await readFile(join(root, file), 'utf8'), file, place), place)
}

/** A block that is a file: the line before it names the file. */
const fileBlock = /^(`((?:src|test)\/[^`]+)`:\n\n```(?:ts|diff)\n)(.*?)^```$/gms

/** Files that a page quotes, by their name. */
export const blocksByFile = ({ text }: Page): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from(text.matchAll(fileBlock), ([, , name = '', block = '']) => [name, block]))

/** The page with other texts of the files that it quotes. */
export const withBlocks = (text: string, blocks: Readonly<Record<string, string>>): string =>
  text.replaceAll(fileBlock, (whole, head: string, name: string) =>
    blocks[name] === undefined ? whole : `${head}${blocks[name]}\`\`\``,
  )
