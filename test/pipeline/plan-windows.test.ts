import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unite } from '../../src/domain/coverage.ts'
import type { Coverage, Reread, Window } from '../../src/domain/window.ts'
import { planBackfill, planSync, type SyncPlanning } from '../../src/pipeline/plan-windows.ts'

/** One minute, in microseconds; windows of these tests are written in minutes. */
const minute = 60_000_000
const minutes = (from: number, to: number): Window => ({ from: from * minute, to: to * minute })

const everyRun: Reread = { name: '1h', depth: 60 * minute, every: null }
const daily: Reread = { name: '1d', depth: 1440 * minute, every: 360 * minute }
const weekly: Reread = { name: '7d', depth: 10_080 * minute, every: 1440 * minute }

const stream = (stated: Partial<SyncPlanning['stream']> = {}): SyncPlanning['stream'] => ({
  start: 0,
  settlingDelay: 5 * minute,
  maxWindow: 1440 * minute,
  rereads: [everyRun, daily, weekly],
  ...stated,
})

const covering = (covered: readonly Window[], rereads: Coverage['rereads'] = {}): Coverage => ({ covered, rereads })

/** What is planned, in minutes: `sync 0-60` and what it closes. */
const planned = (now: number, coverage: Coverage, stated: Partial<SyncPlanning['stream']> = {}): readonly string[] =>
  planSync({ now: now * minute, coverage, stream: stream(stated) }).map(({ window, purpose, closes }) =>
    [`${purpose} ${window.from / minute}-${window.to / minute}`, ...closes].join(' '),
  )

const nothingDue = (now: number) => ({ '1d': (now - 10) * minute, '7d': (now - 10) * minute })

describe('a sync plans', () => {
  test('everything from the start on when it is the first one, and all re-reads count as done', () => {
    expect(planned(3005, covering([]))).toEqual(['sync 0-1440', 'sync 1440-2880', 'sync 2880-3000 1d 7d'])
  })

  test('one window when nothing is new: what is uncovered together with the re-read of every run', () => {
    expect(planned(3020, covering([minutes(0, 3005)], nothingDue(3020)))).toEqual(['sync 2945-3015'])
  })

  test('what is uncovered alone when no re-read is configured', () => {
    expect(planned(3020, covering([minutes(0, 3005)]), { rereads: [] })).toEqual(['sync 3005-3015'])
  })

  test('a re-read of covered time when no time has passed', () => {
    expect(planned(3010, covering([minutes(0, 3005)], nothingDue(3010)))).toEqual(['reread 2945-3005'])
  })

  test('nothing before the start, however deep a re-read is', () => {
    expect(planned(3020, covering([minutes(0, 3005)], nothingDue(3020)), { start: 2990 * minute })).toEqual([
      'sync 2990-3015',
    ])
  })

  test('nothing while the start has not settled', () => {
    expect(planned(5, covering([]))).toEqual([])
    expect(planned(-100, covering([]))).toEqual([])
  })

  test('a hole first, then what comes after it', () => {
    expect(planned(3020, covering([minutes(0, 100), minutes(200, 3005)], nothingDue(3020)))).toEqual([
      'sync 100-200',
      'sync 2945-3015',
    ])
  })

  test('whole microseconds', () => {
    const windows = planSync({ now: 1000.7, coverage: covering([]), stream: stream({ settlingDelay: 100 }) })
    expect(windows.map(({ window }) => window)).toEqual([{ from: 0, to: 900 }])
  })
})

describe('a deeper re-read', () => {
  const covered = covering([minutes(0, 20_000)], { '1d': 20_000 * minute, '7d': 20_000 * minute })

  test('that is due is read after what is new, and only where it reaches further', () => {
    expect(planned(20_360, covered)).toEqual(['sync 19940-20355', 'reread 18560-19940 1d'])
  })

  test('is not due a moment before', () => {
    expect(planned(20_359.9, covered)).toEqual([expect.stringMatching(/^sync 19940-/)])
  })

  test('looks behind the end of what is covered even after days without a sync', () => {
    expect(planned(26_005, covered)).toEqual([
      'sync 19940-21380',
      'sync 21380-22820',
      'sync 22820-24260',
      'sync 24260-25700',
      'sync 25700-26000',
      'reread 9920-11360',
      'reread 11360-12800',
      'reread 12800-14240',
      'reread 14240-15680',
      'reread 15680-17120',
      'reread 17120-18560',
      'reread 18560-19940 1d 7d',
    ])
  })

  test('is closed together with a deeper one that holds it', () => {
    const due = covering([minutes(0, 3000)], {})
    expect(planned(3005, due, { maxWindow: 10_000 * minute })).toEqual(['reread 2940-3000', 'reread 0-2940 1d 7d'])
  })

  test('costs nothing more when what is read already holds it', () => {
    expect(planned(3020, covering([minutes(0, 3005)]), { start: 2950 * minute })).toEqual(['sync 2950-3015 1d 7d'])
  })

  test('is done when a backfill alone has covered time before the first sync', () => {
    expect(planned(3005, covering([minutes(0, 1000)]), { rereads: [daily] })).toEqual([
      'sync 1000-2440',
      'sync 2440-3000',
      'reread 0-1000 1d',
    ])
  })

  test('whose name is that of a member of every object is not done yet', () => {
    const odd: Reread = { ...daily, name: 'constructor' }
    expect(planned(3005, covering([minutes(0, 3000)]), { rereads: [odd] })).toEqual(['reread 1560-3000 constructor'])
  })
})

test('every plan covers all time to be read, in windows that are short enough, and closes each due re-read once', () => {
  const anyWindow = fc
    .record({ from: fc.integer({ min: 0, max: 5000 }), length: fc.integer({ min: 1, max: 3000 }) })
    .map(({ from, length }) => minutes(from, from + length))
  fc.assert(
    fc.property(
      fc.array(anyWindow, { maxLength: 4 }),
      fc.integer({ min: 0, max: 9000 }),
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 0, max: 4000 }),
      (covered, now, maxWindow, start) => {
        const windows = planSync({
          now: now * minute,
          coverage: covering(unite(covered)),
          stream: stream({ start: start * minute, maxWindow: maxWindow * minute }),
        })
        const read = windows.map(({ window }) => window)
        const end = (now - 5) * minute
        expect(unite([...covered, ...read, { from: start * minute, to: end }])).toEqual(unite([...covered, ...read]))
        for (const { from, to } of read) {
          expect(to - from).toBeLessThanOrEqual(maxWindow * minute)
          expect(from).toBeGreaterThanOrEqual(start * minute)
          expect(to).toBeLessThanOrEqual(end)
        }
        const closed = windows.flatMap(({ closes }) => closes)
        expect(closed.toSorted()).toEqual(windows.length === 0 ? [] : ['1d', '7d'])
      },
    ),
  )
})

describe('a backfill plans', () => {
  test('what is not covered of its range', () => {
    expect(planBackfill(minutes(0, 100), [minutes(20, 30), minutes(90, 200)], 40 * minute, false)).toEqual([
      minutes(0, 20),
      minutes(30, 70),
      minutes(70, 90),
    ])
  })

  test('all of it when it is to be read again', () => {
    expect(planBackfill(minutes(0, 100), [minutes(20, 30)], 40 * minute, true)).toEqual([
      minutes(0, 40),
      minutes(40, 80),
      minutes(80, 100),
    ])
  })
})
