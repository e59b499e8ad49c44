import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { config, fillWarehouse, personal } from '../report/filled.ts'
import { createCliCase } from '../support/cli-case.ts'

const place = async () => {
  const made = await createCliCase({ config })
  await fillWarehouse(made)
  return made
}

describe('reelhouse report', () => {
  test('writes one page without any person, number, text or address in it', async () => {
    const made = await place()
    const { code, stdout } = await made.reelhouse(['report'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'reelhouse-report.html: 1,181 rows, 2026-06-01 00:00 to 2026-07-31 00:00 UTC\n',
    })
    expect(await readdir(made.folder)).toEqual(['config', 'reelhouse-report.html'])
    const page = await readFile(join(made.folder, 'reelhouse-report.html'), 'utf8')
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    for (const text of personal) expect(page).not.toContain(text)
    expect(page).not.toMatch(/\+\d{7}|https?:|<script/)
  })

  test('is the same page when it is written again, but for the time it was read at and ages', async () => {
    const made = await place()
    const steady = async () => {
      await made.reelhouse(['report', '--out', 'a.html'])
      const page = await readFile(join(made.folder, 'a.html'), 'utf8')
      return page
        .replaceAll(/\d+ (second|minute|hour|day)s?( ago)?/g, '<age>')
        .replaceAll(/20\d\d-\d\d-\d\d \d\d:\d\d/g, '<time>')
        .replaceAll(/(cx|x)="[\d.]+"/g, '')
    }
    expect(await steady()).toBe(await steady())
  })

  test('counts days by the clocks of a zone, and takes days of it as midnights', async () => {
    const made = await place()
    const zone = ['--zone', 'America/Los_Angeles']
    expect(await made.json(['report', '--from', '2026-07-29', '--to', '2026-07-30', ...zone])).toMatchObject({
      document: { from: '2026-07-29T07:00:00Z', to: '2026-07-30T07:00:00Z', zone: 'America/Los_Angeles', rows: 21 },
    })
    const page = await readFile(join(made.folder, 'reelhouse-report.html'), 'utf8')
    expect(page).toContain('>29 Jul 2026</th>')
    expect(page).not.toContain('>30 Jul 2026</th>')
  })

  test('leaves the page that was there when it cannot write another, and no piece of one', async () => {
    const made = await place()
    await made.write('busy/keep', '')
    const { code, stderr } = await made.reelhouse(['report', '--out', 'busy'])
    expect(code).toBe(2)
    expect(stderr).toContain('busy cannot be written (EISDIR); name a file in a folder that is there and writable')
    expect((await made.reelhouse(['report', '--out', 'nowhere/a.html'])).stderr).toContain('(ENOENT)')
    expect((await readdir(made.folder)).sort()).toEqual(['busy', 'config'])
  })

  test.each([
    [
      ['--from', '2026-02-01', '--to', '2026-01-01'],
      '--from 2026-02-01T00:00:00Z is not before --to 2026-01-01T00:00:00Z',
    ],
    [['--from', 'yesterday'], '--from \\"yesterday\\": write a day such as 2026-01-31, or an instant with its zone'],
    [['--zone', 'Chicago'], 'Write the name of a time zone such as America/Chicago.'],
  ])('refuses %j', async (args, message) => {
    const made = await place()
    const { code, stderr } = await made.reelhouse(['report', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
