import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, root, sourcePages } from './pages.ts'

/** Where records are read, flattened and counted. */
const folders = ['src/sources', 'src/transform', 'src/pipeline']

/** Every page of a source, and what all sources have. */
const pages = ['docs/files.md', 'docs/apis.md', ...(await sourcePages())]

interface Kind {
  readonly name: string
  /** Of the sections whose tables list the codes. */
  readonly heading: RegExp
  /** The places in the source where such codes are made, with the code as first group. */
  readonly made: readonly RegExp[]
  /** What the documentation writes for it. */
  readonly written?: (code: string) => string
}

const kinds: readonly Kind[] = [
  {
    name: 'reject codes',
    heading: /^## Reject codes$/m,
    made: [
      /(?<!kind: 'skip', )\bcode: '([a-z]+(?:-[a-z]+)+)'/g,
      /\b(?:invalid|missing)\(\s*'([a-z-]+)'/g,
      /\breject\(\s*[^,']+,\s*'([a-z-]+)'/g,
      /\bfailIn\([^,]+,[^,]+,\s*'([a-z-]+)'/g,
      /\btype UnusableId =.*'([a-z-]+)'/g,
    ],
  },
  {
    name: 'notes and other tallies',
    heading: /^## (?:Notes: .*|What is counted)$/m,
    made: [
      /\bnoteIn\([^,]+,\s*'([a-z-]+)'/g,
      /\bnotes\.push\('([a-z-]+)'/g,
      /\bread\([^,()]+,\s*'([a-z-]+)'/g,
      /\bcompileReadMember\([^)]*'([a-z]+(?:-[a-z]+)+)'\s*\)/g,
      /\binRange\(.*'([a-z]+(?:-[a-z]+)+)'/g,
      /\btally\('([a-z-]+)'/g,
    ],
  },
  {
    name: 'reasons of skipping',
    heading: /^## What is counted$/m,
    made: [/\bskipped: '([a-z-]+)'/g, /\bkind: 'skip',.* code: '([a-z-]+)'/g, /\bskip\([a-z]+, '([a-z-]+)'/gi],
    written: (code) => `skip.${code}`,
  },
  {
    name: 'what is waited for',
    heading: /^## (?:Pending and follow-ups|What is waited for)$/m,
    made: [/\breason: '([a-z-]+)'/g, /\breason \?\? '([a-z-]+)'/g, /\breason: `([a-z]+)-\$\{/g],
    written: (code) => (code === 'status' ? 'status-<status>' : code),
  },
]

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|^ *\/\/.*$/gm, '')

const sourceTexts = async (): Promise<readonly string[]> => {
  const texts: string[] = []
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (name.endsWith('.ts')) texts.push(withoutComments(await readFile(join(root, folder, name), 'utf8')))
    }
  }
  return texts
}

const sorted = (codes: Iterable<string>): readonly string[] => [...new Set(codes)].sort()

const madeIn = (texts: readonly string[], { made, written = (code) => code }: Kind): readonly string[] =>
  sorted(
    texts.flatMap((text) =>
      made.flatMap((place) => Array.from(text.matchAll(place), ([, code = '']) => written(code))),
    ),
  )

/** The first cells of the tables in the sections of a page. */
const listedIn = (text: string, heading: RegExp): readonly string[] =>
  text
    .split(/^(?=## )/m)
    .filter((section) => heading.test(section))
    .flatMap((section) => Array.from(section.matchAll(/^\| `([a-z][a-z.<>-]*)` \|/gm), ([, code = '']) => code))

/** Templates: one row for all that they make. */
const isOfTemplate = (code: string): boolean => code === 'gave-up.<reason>'

const isOfKind = ({ written }: Kind, code: string): boolean =>
  (written?.('x').startsWith('skip.') ?? false) === code.startsWith('skip.') && !isOfTemplate(code)

test.each(kinds)('the documentation lists all $name of the source, and no others', async (kind) => {
  const texts = await sourceTexts()
  const documented: string[] = []
  for (const name of pages) {
    const listed = listedIn((await readPage(name)).text, kind.heading).filter((code) => isOfKind(kind, code))
    expect(listed, `${name} lists one twice`).toEqual([...new Set(listed)])
    documented.push(...listed)
  }
  const made = madeIn(texts, kind)
  expect(made.length).toBeGreaterThanOrEqual(3)
  expect(sorted(documented)).toEqual(made)
})

test('what is made by a template is documented', async () => {
  const { text } = await readPage('docs/apis.md')
  expect(listedIn(text, /^## What is counted$/m).filter(isOfTemplate)).toEqual(['gave-up.<reason>'])
  const made = (await sourceTexts()).flatMap((source) => source.match(/\btally\(`[^`]*`\)/g) ?? [])
  expect(sorted(made.map((call) => call.replaceAll(/\$\{.*\}/g, '...')))).toEqual([
    'tally(`gave-up....`)',
    'tally(`skip....`)',
  ])
})
