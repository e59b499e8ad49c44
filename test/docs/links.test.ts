import { stat } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { commandNames } from './commands.ts'
import { codeBlocks } from './markdown.ts'
import { type Page, readPage, readPages, root } from './pages.ts'

let workplace: Workplace
beforeAll(async () => {
  workplace = await createWorkplace(null)
})
afterAll(() => workplace.remove())

const withoutBlocks = (text: string): string => text.replaceAll(/^( *)```.*?^\1```$/gms, '')

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = ({ text }: Page): readonly string[] =>
  Array.from(withoutBlocks(text).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading))

const exists = (path: string): Promise<boolean> =>
  stat(join(root, path)).then(
    () => true,
    () => false,
  )

const problemOf = async (page: Page, link: string): Promise<string | null> => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page.name : normalize(join(dirname(page.name), path))
  if (!(await exists(target))) return `${page.name}: ${link}: there is no ${target}`
  if (anchor === undefined || anchorsOf(await readPage(target)).includes(anchor)) return null
  return `${page.name}: ${link}: ${target} has no such heading`
}

test('every relative link leads to a file, and to a heading in it', async () => {
  const problems: (string | null)[] = []
  for (const page of await readPages()) {
    const links = Array.from(withoutBlocks(page.text).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link)
    for (const link of links.filter((each) => !/^[a-z]+:/.test(each))) problems.push(await problemOf(page, link))
  }
  expect(problems.length).toBeGreaterThan(20)
  expect(problems.filter((problem) => problem !== null)).toEqual([])
})

/** In code, at the start of what is typed: behind a prompt, a substitution, `npx` or another command. */
const mentioned = /(?:^|`|\$\(|npx |&& |"\s*|\s)(?<!\/)reelhouse ((?:-[-\w]+ )*)([a-z]+)(?= |`|$|\)|"|;)/gm

const codeOf = (text: string): string =>
  [
    ...codeBlocks(text).flatMap((block) => (['sh', 'text', 'ini'].includes(block.language) ? [block.text] : [])),
    ...Array.from(withoutBlocks(text).matchAll(/`[^`\n]+`/g), ([inline]) => inline),
  ].join('\n')

test('every command that the documentation names exists', async () => {
  const commands = [...(await commandNames(workplace)), 'help']
  const strays: string[] = []
  let found = 0
  for (const { name, text } of await readPages()) {
    if (name.startsWith('docs/reference/commands')) continue
    for (const match of codeOf(text).matchAll(mentioned)) {
      found += 1
      const command = match[2] ?? ''
      if (!commands.includes(command)) strays.push(`${name}: ${match[0].trim()}`)
    }
  }
  expect(found).toBeGreaterThan(40)
  expect(strays).toEqual([])
})

/** What `reelhouse help <command>` prints, by command: that page is compared with the program. */
const helpByCommand = async (): Promise<Readonly<Record<string, string>>> => {
  const { text } = await readPage('docs/reference/commands.md')
  return Object.fromEntries(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0] ?? '', section]),
  )
}

test('every option that the documentation gives a command exists', async () => {
  const helps = await helpByCommand()
  const strays: string[] = []
  let found = 0
  for (const { name, text } of await readPages()) {
    if (name.startsWith('docs/reference/')) continue
    for (const [line, , command = ''] of codeOf(text).matchAll(/reelhouse ((?:-[-\w]+ )*)([a-z]+)\b[^`\n|&]*/g)) {
      const help = helps[command]
      for (const [option] of help === undefined ? [] : line.matchAll(/(?<= )--[a-z-]+/g)) {
        found += 1
        if (!help?.includes(option)) strays.push(`${name}: ${line}: ${option}`)
      }
    }
  }
  expect(found).toBeGreaterThan(10)
  expect(strays).toEqual([])
})
