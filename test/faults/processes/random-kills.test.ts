import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoadScenario, longDumps, writeDumps } from '../../support/load-scenario.ts'
import { countedByRuns, differencesOf, rowVersions, tablesOf } from '../../support/table-state.ts'
import { isWhole } from '../tally.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('SIGKILL at random instants: sync of files')

const tries = isWhole ? 20 : 5
const batches = { REELHOUSE_BATCH_ROWS: '200' }

/** Every file has ids of its own and some of the file before. */
const files = Object.fromEntries(
  Object.entries(longDumps(tries, 3000)).map(([name, content], index) => [
    name,
    content.replaceAll(new RegExp(`rec-${index}-(\\d*0),`, 'g'), `rec-${Math.max(index - 1, 0)}-$1,`),
  ]),
)

test('a sync that is killed again and again, anywhere, loads what an uninterrupted one does', {
  timeout: 180_000,
}, async () => {
  const whole = await createLoadScenario(files)
  const began = performance.now()
  expect((await whole.workplace.reelhouse(['sync'], batches)).code).toBe(0)
  const perFile = (performance.now() - began) / tries
  const [tables, counted] = [await tablesOf(whole.database), await countedByRuns(whole.database)]
  await whole.close()

  const { database, workplace, close } = await createLoadScenario({})
  const ends: string[] = []
  // As the uninterrupted sync loads them, by their versions: by name calls-10 would come, and be begun, before calls-2.
  const names = Object.keys(files)
  for (const [n] of names.entries()) {
    const upTo = names.slice(0, n + 1)
    await writeDumps(workplace, Object.fromEntries(upTo.map((file) => [file, files[file] ?? ''])))
    const sync = workplace.start(['sync'], batches)
    const delay = Math.round(250 + Math.random() * 2 * perFile)
    await Promise.race([sync.ended, sleep(delay)])
    sync.kill('SIGKILL')
    const { code, signal, stderr } = await sync.ended
    ends.push(`${delay} ms: ${signal ?? code}${code === 1 ? stderr : ''}`)
  }
  const final = await workplace.reelhouse(['sync'], batches)
  expect(final.code, [...ends, final.stderr].join('\n')).toBe(0)
  expect(ends.filter((end) => !/SIGKILL$|: 0$/.test(end))).toEqual([])
  const found = await tablesOf(database)
  expect(differencesOf(tables, found), ends.join('\n')).toEqual([])
  expect(found, ends.join('\n')).toEqual(tables)
  expect(await countedByRuns(database), ends.join('\n')).toEqual(counted)

  const before = await rowVersions(database)
  expect((await workplace.reelhouse(['sync'], batches)).code).toBe(0)
  expect(await rowVersions(database)).toEqual(before)
  await close()
})
