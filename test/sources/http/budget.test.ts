import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { AnswerSizes, mostAtOnce } from '../../../src/sources/answer-sizes.ts'
import type { ReadContext } from '../../../src/sources/source.ts'
import { workAhead } from '../../../src/sources/work-ahead.ts'
import { bare, json, type Script, startScriptedServer } from '../../support/scripted-server.ts'
import { allOf } from '../opened-source.ts'
import { asking, clientOf, failureOf, rejection } from './asking.ts'

const ok = json({})

const later =
  (ms: number): Script =>
  (response) =>
    setTimeout(() => response.end('{}'), ms)

const gapsOf = (seen: readonly { readonly at: number }[]): readonly number[] =>
  seen.slice(1).map(({ at }, index) => at - (seen[index]?.at ?? at))

/** `remaining` and `reset` in seconds, as the tests' server says it. */
const rateLimit = (headers: Headers) => ({
  remaining: headers.has('remaining') ? Number(headers.get('remaining')) : null,
  resetMs: headers.has('reset') ? Number(headers.get('reset')) * 1000 : null,
})

describe('several at once', () => {
  /** The most that were under way at a time. */
  const mostOf = async (bytes: number): Promise<number> => {
    const sizes = new AnswerSizes()
    let [now, most] = [0, 0]
    const work = async () => {
      now += 1
      most = Math.max(most, now)
      await setImmediate()
      sizes.note(bytes)
      now -= 1
    }
    await allOf(workAhead([...Array(60).keys()], work, { ...asking(), sizes }))
    return most
  }

  test('are eight of small answers, and fewer of large ones', async () => {
    expect(await mostOf(20_000)).toBe(mostAtOnce)
    expect(await mostOf(4_000_000)).toBe(4)
    expect(await mostOf(100_000_000)).toBe(2)
  })

  test('is one of huge answers, and the next is asked for when the work on it has ended', async () => {
    const sizes = new AnswerSizes()
    sizes.note(10_000_000)
    const journal: string[] = []
    const work = async (n: number) => {
      journal.push(`asked for ${n}`)
      return n
    }
    for await (const n of workAhead([1, 2], work, { ...asking(), sizes })) {
      await setImmediate()
      journal.push(`worked on ${n}`)
    }
    expect(journal).toEqual(['asked for 1', 'worked on 1', 'asked for 2', 'worked on 2'])
  })

  test('after a large answer it takes some small ones until there are eight again', () => {
    const sizes = new AnswerSizes()
    sizes.note(10_000_000)
    expect(sizes.atOnce).toBe(1)
    for (let n = 0; n < 30; n += 1) sizes.note(20_000)
    expect(sizes.atOnce).toBe(mostAtOnce)
  })
})

describe('the budget of a connection', () => {
  test('spaces requests, however many callers there are', async () => {
    const server = await startScriptedServer(ok)
    const client = clientOf(server.url, { requestsPerSecond: 10 })
    await Promise.all([1, 2, 3, 4, 5, 6].map((n) => client.json({ path: `/${n}` }, asking())))
    // Five times 100 ms, less what the first one may take to arrive on a busy machine.
    expect(gapsOf(server.seen).reduce((sum, gap) => sum + gap)).toBeGreaterThanOrEqual(250)
  })

  test('sends requests in the order in which they were asked for, and so many at once at the most', async () => {
    const [came, open]: [string[], string[]] = [[], []]
    let most = 0
    const server = await startScriptedServer((response, { path }) => {
      came.push(path)
      open.push(path)
      most = Math.max(most, open.length)
      setTimeout(() => {
        open.splice(open.indexOf(path), 1)
        response.end('{}')
      }, 50)
    })
    const client = clientOf(server.url)
    const paths = Array.from({ length: 3 * mostAtOnce }, (_, n) => `/${n}`)
    await Promise.all(paths.map((path) => client.json({ path }, asking())))
    expect(came.map((path) => Number(path.slice(1))).toSorted((a, b) => a - b)).toEqual(paths.map((_, n) => n))
    expect(most).toBeLessThanOrEqual(mostAtOnce)
    expect(most).toBeGreaterThan(1)
  })

  test('that are waited for by several at once are no leak of listeners, of which Node would warn in the log', async () => {
    const server = await startScriptedServer(later(20))
    const warnings: string[] = []
    const onWarning = ({ message }: Error): void => void warnings.push(message)
    process.on('warning', onWarning)
    const clients = [1, 2, 3, 4].map(() => clientOf(server.url, { requestsPerSecond: 200 }))
    const ask = async (n: number, context: ReadContext) => clients[n % 4]?.json({ path: `/${n}` }, context)
    await allOf(workAhead([...Array(80).keys()], ask, asking()))
    await setImmediate()
    process.off('warning', onWarning)
    expect(warnings.filter((message) => message.includes('AbortSignal'))).toEqual([])
  })

  test('a failure does not hold up who waits behind it', async () => {
    const server = await startScriptedServer(bare(400), ok)
    const client = clientOf(server.url)
    const [first, second] = await Promise.allSettled(['/a', '/b'].map((path) => client.json({ path }, asking())))
    expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled'])
  })

  test('one that is stopped in the queue leaves it at once, and the others go on', async () => {
    const server = await startScriptedServer(later(100))
    const client = clientOf(server.url)
    const stopped = asking()
    const first = Array.from({ length: mostAtOnce }, (_, n) => client.json({ path: `/${n}` }, asking()))
    const waiting = rejection(client.json({ path: '/stopped' }, stopped))
    const last = client.json({ path: '/last' }, asking())
    await server.arrived(1)
    stopped.stop('SIGTERM')
    expect(await Promise.race([waiting, Promise.all(first).then(() => 'too late')])).toBe('SIGTERM')
    await Promise.all([...first, last])
    expect(server.seen.map(({ path }) => path)).not.toContain('/stopped')
    expect(server.seen.at(-1)?.path).toBe('/last')
  })

  test('is not exceeded for lateness that was made up for, nor missed by it', async () => {
    const server = await startScriptedServer(ok)
    const client = clientOf(server.url, { requestsPerSecond: 200 })
    const began = performance.now()
    await Promise.all(Array.from({ length: 101 }, (_, n) => client.json({ path: `/${n}` }, asking())))
    // A hundred intervals of the budget.
    expect(performance.now() - began).toBeGreaterThanOrEqual(490)
  })
})

describe('the limit that a vendor states', () => {
  const gapAfter = async (headers: Readonly<Record<string, string>>, status = 200): Promise<number> => {
    const server = await startScriptedServer(json({}, status, headers), ok)
    const client = clientOf(server.url, { rateLimit })
    await client.json({ path: '/a', accept: [status] }, asking())
    await client.json({ path: '/b' }, asking())
    return gapsOf(server.seen)[0] ?? 0
  }

  test('is waited for when nothing is left', async () => {
    expect(await gapAfter({ remaining: '0', reset: '0.3' })).toBeGreaterThanOrEqual(290)
  })

  test('is spread when little is left', async () => {
    const gap = await gapAfter({ remaining: '2', reset: '0.6' })
    expect(gap).toBeGreaterThanOrEqual(190)
    expect(gap).toBeLessThan(550)
  })

  test('is not spread when it lasts at our pace, with a reset that is rounded to whole seconds', async () => {
    // Five seconds by the header, and as little as four in truth: for that eight at two a second are enough.
    const answers = json({}, 200, { remaining: '7', reset: '5' })
    const server = await startScriptedServer(answers, ok)
    const client = clientOf(server.url, { rateLimit, requestsPerSecond: 2 })
    for (const path of ['/a', '/b']) await client.json({ path }, asking())
    expect(gapsOf(server.seen)[0]).toBeLessThan(615)
    const slower = await startScriptedServer(json({}, 200, { remaining: '5', reset: '5' }), ok)
    const other = clientOf(slower.url, { rateLimit, requestsPerSecond: 2 })
    for (const path of ['/a', '/b']) await other.json({ path }, asking())
    expect(gapsOf(slower.seen)[0]).toBeGreaterThanOrEqual(800)
  })

  test.each([
    ['much is left', { remaining: '50', reset: '30' }],
    ['no reset is known', { remaining: '0' }],
    ['no count is known', { reset: '30' }],
    ['they are no numbers', { remaining: 'none', reset: '-30' }],
  ])('changes nothing when %s', async (_, headers) => {
    expect(await gapAfter(headers)).toBeLessThan(5000)
  })

  test('cannot speed requests up', async () => {
    const server = await startScriptedServer(json({}, 200, { remaining: '0', reset: '0' }))
    const client = clientOf(server.url, { rateLimit, requestsPerSecond: 10 })
    await client.json({ path: '/a' }, asking())
    await client.json({ path: '/b' }, asking())
    expect(gapsOf(server.seen)[0]).toBeGreaterThanOrEqual(90)
  })

  test('gives way to retry-after', async () => {
    const refused = json({}, 429, { remaining: '0', reset: '100', 'retry-after-ms': '50' })
    const server = await startScriptedServer(refused, ok)
    await clientOf(server.url, { rateLimit }).json({ path: '/a' }, asking())
    expect(server.seen).toHaveLength(2)
  })

  test('is told once while it is being spread', async () => {
    const few = json({}, 200, { remaining: '1', reset: '0.8' })
    const server = await startScriptedServer(few, few, few, ok, ok, few, ok)
    const client = clientOf(server.url, { rateLimit, retry: { tellAboveMs: 30 } })
    const context = asking()
    for (let n = 0; n < 4; n += 1) await client.json({ path: '/x' }, context)
    expect(context.notices).toEqual(['Telnyx asks to wait 1 s'])
    for (let n = 0; n < 3; n += 1) await client.json({ path: '/x' }, context)
    expect(context.notices).toHaveLength(2)
  })

  test('of more than three minutes is left to the next run', async () => {
    const server = await startScriptedServer(json({}, 200, { remaining: '0', reset: '3600' }))
    const client = clientOf(server.url, { rateLimit })
    await client.json({ path: '/a' }, asking())
    expect(await failureOf(client.json({ path: '/b' }, asking()))).toBe(
      'TransientError: connection front-desk: Telnyx asks to wait 3600 s; run again after that',
    )
    expect(client.requests()).toBe(1)
  })
})
