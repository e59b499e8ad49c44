import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoadScenario, longDumps, writeDumps } from '../../support/load-scenario.ts'
import { countedByRuns, differencesOf, rowVersions, tablesOf } from '../../support/table-state.ts'
import { isWhole } from '../tally.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('SIGKILL while unchanged rows are told by digests')

const tries = isWhole ? 30 : 6
const batches = { REELHOUSE_BATCH_ROWS: '600' }

const [[first, content = ''] = ['']] = Object.entries(longDumps(1, 12_000))
const lines = content.trimEnd().split('\n')

/** Everything again, as exports often are: one record in 97 says something else, and some are new. */
const again = [
  ...lines.map((line, n) => (n % 97 === 50 ? `${line} again` : line)),
  ...lines.slice(1, 800).map((line) => line.replace('rec-', 'new-')),
  '',
].join('\n')

const loaded = async () => {
  const scenario = await createLoadScenario({ [first]: content })
  expect((await scenario.workplace.reelhouse(['sync'], batches)).code).toBe(0)
  await writeDumps(scenario.workplace, { [first]: content, 'calls-9.csv': again })
  return scenario
}

test('a sync of an export that has everything again, killed again and again, loads what an uninterrupted one does', {
  timeout: 180_000,
}, async () => {
  const whole = await loaded()
  const began = performance.now()
  const { code, stdout } = await whole.workplace.reelhouse(['sync', '--json'], batches)
  const took = performance.now() - began
  expect(code).toBe(0)
  expect(JSON.parse(stdout).connections[0].rows).toEqual({
    rows: 12_799,
    inserted: 799,
    updated: 124,
    unchanged: 11_876,
    stale: 0,
    duplicate: 0,
  })
  const [tables, counted] = [await tablesOf(whole.database), await countedByRuns(whole.database)]
  await whole.close()

  const { database, workplace, close } = await loaded()
  const ends: string[] = []
  for (let n = 0; n < tries; n += 1) {
    const sync = workplace.start(['sync'], batches)
    const delay = Math.round(250 + Math.random() * took)
    await Promise.race([sync.ended, sleep(delay)])
    sync.kill('SIGKILL')
    const { code, signal, stderr } = await sync.ended
    ends.push(`${delay} ms: ${signal ?? code}${code === 1 ? stderr : ''}`)
  }
  expect((await workplace.reelhouse(['sync'], batches)).code, ends.join('\n')).toBe(0)
  const found = await tablesOf(database)
  expect(differencesOf(tables, found), ends.join('\n')).toEqual([])
  expect(found, ends.join('\n')).toEqual(tables)
  expect(await countedByRuns(database), ends.join('\n')).toEqual(counted)

  const before = await rowVersions(database)
  expect((await workplace.reelhouse(['sync', '--force'], batches)).code).toBe(0)
  expect(await rowVersions(database)).toEqual(before)
  await close()
})
