import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliCase, createCliCase } from '../support/cli-case.ts'
import { browserPath, isExcused, launch, openPage } from './browser.ts'
import { config, fillWarehouse, hostileId, longId } from './filled.ts'
import { seenPlots, textContrasts } from './plots.ts'

const figures = ['volume', 'completeness', 'durations', 'direction', 'portfolios', 'freshness', 'quarantine', 'waiting']

const written = async (args: readonly string[], fill = fillWarehouse): Promise<CliCase & { readonly path: string }> => {
  const made = await createCliCase({ config })
  await fill(made)
  const { code, stderr } = await made.reelhouse(['report', '--out', 'report.html', ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return { ...made, path: join(made.folder, 'report.html') }
}

if (isExcused)
  console.warn(
    '\nNOT RUN: the report was not looked at, as there is no browser (REELHOUSE_TEST_BROWSER, or chromium on the PATH)\n',
  )

test.skipIf(isExcused)('there is a browser to look at the report with', () => {
  expect(browserPath, 'no browser; install chromium, or name one in REELHOUSE_TEST_BROWSER').not.toBeNull()
})

describe.skipIf(browserPath === null)('the report, seen in a browser', { timeout: 60_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  }, 60_000)
  afterAll(() => browser.close())

  test.each([1280, 800, 390])(
    'has all plots with marks, and words that neither touch nor stick out, %i pixels wide',
    async (width) => {
      const { path } = await written([])
      const { page, complaints, requests } = await openPage(browser, path, { width })
      const plots = await seenPlots(page)
      expect(plots.map(({ figure }) => figure)).toEqual(figures)
      for (const { figure, marks, labels, overlapping, sticksOut, title } of plots) {
        expect({ figure, overlapping, sticksOut }).toEqual({ figure, overlapping: [], sticksOut: [] })
        expect(marks, figure).toBeGreaterThan(1)
        expect(labels, figure).toBeGreaterThan(3)
        expect(title).not.toBe('')
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    },
  )

  test('is another in the dark, and its words can be read in both', async () => {
    const { path } = await written([])
    const grounds = new Set<string>()
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, path, { width: 1280, scheme })
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
      const [worst = 0] = await textContrasts(page)
      expect(worst, scheme).toBeGreaterThan(4.5)
    }
    expect(grounds.size).toBe(2)
  })

  test('shows the counts of the warehouse, in its title the time, and every plot as a table too', async () => {
    const { path, rows } = await written(['--from', '2026-06-01', '--to', '2026-07-31'])
    const { page } = await openPage(browser, path, { width: 1280 })
    expect(await page.title()).toBe('Reelhouse: 2026-06-01 00:00 to 2026-07-31 00:00')
    const [counts] = await rows<Readonly<Record<string, number>>>(`
      select count(*)::int as rows, (count(*) filter (where portfolio_id is null))::int as unmapped
      from reelhouse.recordings`)
    const tile = (id: string) => page.locator(`#count-${id}`).innerText()
    expect(await tile('rows')).toBe('1,181\nof 1,181 rows in all')
    expect(await tile('mapped')).toBe(`80 %\n${counts?.unmapped} without`)
    expect(await tile('rejects')).toBe('25\nrecords, now')
    expect(await tile('waiting')).toBe('26\nand 4 in vain')
    const totalOf = async (figure: string, column: number) => {
      const cells = await page.locator(`#${figure} tbody td:nth-child(${column})`).allTextContents()
      return cells.reduce((sum, cell) => sum + Number(cell.replaceAll(',', '')), 0)
    }
    expect(counts?.rows).toBe(1181)
    expect(await totalOf('volume', 5)).toBe(1181)
    expect(await totalOf('connections', 3)).toBe(1181)
    expect(await totalOf('direction', 5)).toBe(1181)
    expect(await totalOf('portfolios', 3)).toBe(counts?.unmapped)
    expect(await totalOf('durations', 2)).toBe(1180 - 131)
    expect(await totalOf('quarantine', 3)).toBe(25)
    expect(await totalOf('waiting', 4)).toBe(26)
    for (const figure of figures) expect(await page.locator(`#${figure} tbody tr`).count(), figure).toBeGreaterThan(0)
    await page.locator('#completeness summary').click()
    expect(await page.locator('#completeness tbody').innerText()).toContain(
      '2026-06-20 10:00\t2026-06-20 10:20\tgap: not read',
    )
  })

  test('shows names as they are written, whatever is in them', async () => {
    const { path } = await written([])
    const { page } = await openPage(browser, path, { width: 390 })
    const names = await page.locator('#connections tbody th').allTextContents()
    expect(names).toEqual([
      hostileId.replace('\u202e', '\ufffd'),
      'contact-centre',
      'front-desk',
      'never-synced',
      longId,
    ])
    expect(await page.locator('img, script').count()).toBe(0)
  })

  test.each([
    ['an empty warehouse', [], async () => undefined],
    ['a time without rows', ['--from', '2020-01-01', '--to', '2020-02-01'], fillWarehouse],
    ['one day', ['--from', '2026-06-05', '--to', '2026-06-06'], fillWarehouse],
    ['an hour', ['--from', '2026-06-05T12:00:00Z', '--to', '2026-06-05T13:00:00Z'], fillWarehouse],
    ['two years', ['--from', '2024-08-01', '--zone', 'America/Chicago'], fillWarehouse],
    ['a century', ['--from', '1926-08-01'], fillWarehouse],
  ] as const)('is a page of %s as well', async (_, args, fill) => {
    const { path } = await written(args, fill)
    for (const width of [1280, 390]) {
      const { page, complaints, requests } = await openPage(browser, path, { width })
      for (const plot of await seenPlots(page)) expect(plot).toMatchObject({ overlapping: [], sticksOut: [] })
      expect(await page.locator('figure').count()).toBe(figures.length)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    }
  })
})
