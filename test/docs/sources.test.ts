import { expect, test } from 'vitest'
import { durationName } from '../../src/domain/duration.ts'
import type { Reread } from '../../src/domain/window.ts'
import { sources } from '../../src/sources/registry.ts'
import { cases } from '../contract/cases.ts'
import { configured } from '../contract/open-case.ts'
import { readPage, sourcePages } from './pages.ts'

/** Sections of every page, in this order; others may stand between them. */
const outline = [
  /^Permissions$/,
  /^Settings$/,
  /^What becomes of a /,
  /^What is waited for$/,
  /^What it costs$/,
  /^Reject codes$/,
  /^Notes: what was accepted and counted$/,
]

const headingsOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/^## (.+)$/gm), ([, heading = '']) => heading)

test('every platform has a page, and no page is of another', async () => {
  const platforms = Object.keys(sources).filter((name) => name !== 'files')
  expect(await sourcePages()).toEqual(platforms.map((name) => `docs/sources/${name}.md`).sort())
})

test('the pages of platforms have one outline', async () => {
  for (const name of await sourcePages()) {
    const headings = headingsOf((await readPage(name)).text)
    const places = outline.map((section) => headings.findIndex((heading) => section.test(heading)))
    expect(places, `${name}: ${headings.join(', ')}`).toEqual([...places].sort((a, b) => a - b))
    expect(places, name).not.toContain(-1)
    expect(headings, name).toContain('Known limits')
  }
})

/** The line of a page that links to the page of a platform. */
const lineOf = (text: string, link: string): string =>
  text.split('\n').find((line) => line.startsWith('|') && line.includes(`](${link})`)) ?? ''

const written = ({ name, every }: Reread): string =>
  `${name} every ${every === null ? 'run' : durationName(every / 1000)}`

test('README and docs/apis.md name every platform; its times and re-reads are those of the code', async () => {
  const [readme, apis] = [await readPage('README.md'), await readPage('docs/apis.md')]
  for (const [name, contract] of Object.entries(cases)) {
    expect(lineOf(readme.text, `docs/sources/${name}.md`)).toContain(`\`${name}\``)
    const line = lineOf(apis.text, `sources/${name}.md`)
    const { streams } = await configured({ sources, name, contract }, contract.settings)
    for (const { axis, rereads, changes } of streams) {
      for (const time of [axis, ...(changes === undefined ? [] : [changes.axis])]) expect(line).toContain(`\`${time}\``)
      for (const reread of [...rereads, ...(changes?.rereads ?? [])]) expect(line, name).toContain(written(reread))
    }
  }
})
