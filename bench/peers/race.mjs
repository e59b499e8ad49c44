// The three cases of one contender after the other, each in a database of its own.
import { link, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDump } from '../dump.mjs'
import { measured, query } from '../warehouse.mjs'
import { shown } from './report.mjs'
import { differing, fill, written } from './rows.mjs'
import { timed } from './timed.mjs'

export const cases = ['first', 'again', 'changed']

/** The two dumps, and for each case which of them is loaded and what the table must hold then. */
const prepared = async ({ warehouse, folder, rows }) => {
  const one = async (name, changed) => {
    const csv = join(folder, `${name}.csv`)
    await writeDump(csv, { count: rows, changed })
    const url = await warehouse.create(`expected_${name}`)
    return { csv, url, ...(await fill(url, csv)) }
  }
  const first = await one('first', false)
  return { first, again: first, changed: await one('changed', true) }
}

const checked = async (url, contender, expected) => {
  const found = await written(url, contender.table)
  if (found.digest === expected.digest) return {}
  const what = found.rows === expected.rows ? (await differing(url, contender.table, expected.url)).join(', ') : 'rows'
  return { wrong: `${found.rows} of ${expected.rows} rows; wrong: ${what}` }
}

const load = async ({ contender, url, home, name, expected, limitSeconds }) => {
  const csv = join(home, 'dump.csv')
  await rm(csv, { force: true })
  await link(expected.csv, csv)
  const input = (await contender.input?.(csv)) ?? csv
  const asked = contender.command({ url, folder: home, input, again: name === 'again' })
  const { seconds, wal, result } = await measured(url, () => timed({ ...asked, folder: home, limitSeconds }))
  if (result.late) return { late: limitSeconds }
  if (!result.ok) return { failed: result.said }
  const wrong = await checked(url, contender, expected).catch(({ message }) => ({ wrong: message }))
  return { seconds, wal: wal / 1e6, rss: result.rss, cpu: result.cpu, ...wrong }
}

const everyCase = async ({ warehouse, folder, contender, expected, limitSeconds, say }) => {
  const home = join(folder, contender.name)
  await mkdir(home)
  const url = await warehouse.create('contender')
  const done = {}
  try {
    await contender.prepare?.({ url, folder: home, csv: join(home, 'dump.csv') })
    for (const name of contender.upserts ? cases : ['first']) {
      done[name] = await load({ contender, url, home, name, expected: expected[name], limitSeconds })
      const { failed, wrong, late } = done[name]
      say(`  ${contender.name} ${name}: ${[shown(done[name]), failed, wrong].filter(Boolean).join(': ')}`)
      // What is left behind by a case that did not end is no start for the next one.
      if (late || failed) break
      await query(url, 'vacuum (analyze)')
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  return done
}

export const race = async ({ found, rows, warehouse, folder, limitSeconds, say }) => {
  const expected = await prepared({ warehouse, folder, rows })
  const results = []
  for (const { contender, version, absent } of found) {
    const done = absent ? {} : await everyCase({ warehouse, folder, contender, expected, limitSeconds, say })
    results.push({ name: contender.name, version, absent, done })
  }
  return results
}
