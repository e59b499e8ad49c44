// What each tool makes of the inputs that dumps really have, tried on a few rows: equal rows again, a file that is older
// than the one loaded before it, empty cells, line breaks in a cell, one key twice in a file.
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { columns } from '../dump.mjs'
import { table } from '../options.mjs'
import { query } from '../warehouse.mjs'
import { timed } from './timed.mjs'

const values = {
  conversation_id: 'call',
  created_at: '2024-01-01T00:00:00Z',
  message_direction: 'inbound',
  call_duration_in_sec: '1',
  message_text: 'new',
}

const lineOf = (id, cells) => columns.map((name) => ({ ...values, message_id: id, ...cells })[name] ?? 'x').join(',')

const csvOf = (rows) => `${columns.join(',')}\n${rows.map(([id, cells = {}]) => `${lineOf(id, cells)}\n`).join('')}`

const many = Array.from({ length: 100 }, (_, n) => [`equal-${n}`])
const strange = [
  ['empty', { first_name: '' }],
  ['quoted', { first_name: '""' }],
  ['lines', { message_text: '"one, ""two""\nthree"' }],
]
const newer = new Date('2024-06-01T00:00:00Z')
const older = new Date('2024-02-01T00:00:00Z')

const tried = async ({ warehouse, contender, home, limitSeconds, attempt }) => {
  const csv = join(home, 'dump.csv')
  const url = await warehouse.create('habits')
  await mkdir(home)
  await contender.prepare?.({ url, folder: home, csv })
  const load = async (rows, { at = newer, again = false } = {}) => {
    await writeFile(csv, csvOf(rows))
    await utimes(csv, at, at)
    const input = (await contender.input?.(csv)) ?? csv
    const asked = contender.command({ url, folder: home, input, again })
    const { ok, late, said } = await timed({ ...asked, folder: home, limitSeconds })
    if (late || !ok) throw new Error(late ? 'too late' : said)
  }
  const read = async (what, id) =>
    (await query(url, `select ${what} as found from ${contender.table} where message_id like '${id}' order by 1`)).map(
      ({ found }) => found,
    )
  try {
    return await attempt(load, read)
  } catch (error) {
    return `fails: ${error.message}`
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const equalRows = async (load, read) => {
  await load(many)
  const before = await read('ctid::text', 'equal-%')
  await load(many, { again: true })
  const after = await read('ctid::text', 'equal-%')
  if (after.length !== before.length) return `${after.length} of ${before.length}`
  return before.join() === after.join() ? 'left alone' : 'written again'
}

const olderFile = async (load, read) => {
  await load([['row']])
  await load([['row', { message_text: 'old' }]], { at: older })
  const found = await read('message_text', 'row')
  return { new: 'loses', old: 'overwrites' }[found.join()] ?? found.join(' and ')
}

const cell = (id) => async (load, read) => {
  await load(strange)
  const [found] = await read('first_name', id)
  return found === null ? 'NULL' : JSON.stringify(found)
}

const lines = async (load, read) => {
  await load(strange)
  return (await read('message_text', 'lines')).join() === 'one, "two"\nthree' ? 'kept' : 'changed'
}

const twice = async (load, read) => {
  await load([
    ['row', { message_text: 'one' }],
    ['row', { message_text: 'two' }],
  ])
  return (await read('message_text', 'row')).join(' and ')
}

const attempts = {
  'equal rows': equalRows,
  'older file later': olderFile,
  'cell ,,': cell('empty'),
  'cell ,"",': cell('quoted'),
  'line break in a cell': lines,
  'key twice (one, two)': twice,
}

const brief = (outcome) => Object.values(outcome).map((text) => (text.startsWith('fails') ? 'fails' : text))

/** Every attempt with every tool; what failed is printed in full, and is `fails` in the table. */
export const habits = async ({ warehouse, folder, found, say, limitSeconds }) => {
  const results = []
  for (const { contender, version, absent } of found) {
    const outcome = {}
    for (const [name, attempt] of Object.entries(absent ? {} : attempts)) {
      const home = join(folder, 'habits')
      outcome[name] = await tried({ warehouse, contender, home, limitSeconds, attempt })
    }
    say(`  ${contender.name}: ${absent ?? JSON.stringify(outcome)}`)
    if (!absent) results.push({ name: contender.name, version, outcome })
  }
  say(`\n${table([['tool', ...Object.keys(attempts)], ...results.map((one) => [one.name, ...brief(one.outcome)])])}`)
  return results
}
