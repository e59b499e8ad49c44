import { expect, test } from 'vitest'
import { openBench } from './bench.ts'
import { manyTied } from './every-fault.ts'
import { play } from './play.ts'
import { tallyEach } from './tally-each.ts'
import { telnyx } from './vendors/telnyx.ts'

tallyEach('a thousand recordings at one time')

/** Of other vendors in the schedules of `npm run faults`: their pages are smaller, or they are asked for each recording. */
test('a thousand recordings at one time are read, and read again when one of them changes', async () => {
  const bench = await openBench(telnyx)
  try {
    await play(bench, manyTied(telnyx))
    expect(await bench.database.rows('select count(*)::integer as n from reelhouse.call_recordings')).toEqual([
      { n: 1000 },
    ])
  } finally {
    await bench.close()
  }
})
