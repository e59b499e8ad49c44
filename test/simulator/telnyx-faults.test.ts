import { describe, expect, test } from 'vitest'
import { noTraps, type TelnyxFault } from '../../src/simulator/telnyx/traps.ts'
import { apiKey, createSimulatorCase, day, instant, second } from './simulator-case.ts'

const july14 = instant('2026-07-14T00:00:00Z')

describe('requests', () => {
  test.each([
    ['no key', undefined, 'none'],
    ['another key', 'Bearer KEY-other', 'wrong'],
  ] as const)('%s is answered 401', async (_, authorization, noted) => {
    const { simulator, ask } = await createSimulatorCase()
    const answer = await ask('recordings', authorization === undefined ? {} : { authorization })
    expect([answer.status, answer.body?.errors]).toEqual([401, [{ code: '10009', title: 'Authentication failed' }]])
    expect(simulator.requests).toMatchObject([{ status: 401, authorization: noted }])
  })

  test('are noted in order, decoded and without credentials', async () => {
    const { simulator, ask, clock } = await createSimulatorCase()
    await ask('recordings?page[size]=1&filter[from]=+15125550123')
    await ask('recordings/unknown')
    expect(simulator.requests).toEqual([
      {
        host: 'api',
        method: 'GET',
        path: '/v2/recordings',
        query: [
          ['page[size]', '1'],
          ['filter[from]', '+15125550123'],
        ],
        authorization: 'right',
        at: clock,
        status: 200,
      },
      expect.objectContaining({ path: '/v2/recordings/unknown', query: [], status: 404 }),
    ])
    expect(JSON.stringify(simulator.requests)).not.toContain(apiKey)
    simulator.forgetRequests()
    expect(simulator.requests).toEqual([])
  })

  test('are told to the hook first, whose changes count for the answer', async () => {
    const { simulator, ask } = await createSimulatorCase()
    simulator.onRequest = async ({ path, status }) => {
      expect([path, status]).toEqual(['/v2/recordings', null])
      simulator.account.add({ id: 'just-in-time' })
    }
    expect((await ask('recordings')).body?.data).toMatchObject([{ id: 'just-in-time' }])
  })

  test('a hook that throws is seen in the answer', async () => {
    const { simulator, ask } = await createSimulatorCase()
    simulator.onRequest = () => {
      throw new Error('of the test')
    }
    const answer = await ask('recordings')
    expect([answer.status, answer.text]).toEqual([500, 'simulator: Error: of the test'])
  })

  test('unknown paths and methods are errors', async () => {
    const { simulator, ask } = await createSimulatorCase()
    expect((await ask('recordings/some-id/actions/download')).status).toBe(404)
    expect((await ask('unknown')).status).toBe(404)
    const deleted = await fetch(`${simulator.baseUrl}/recordings/some-id`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${apiKey}` },
    })
    expect(deleted.status).toBe(405)
  })
})

describe('faults', () => {
  test.each<[TelnyxFault, number, Readonly<Record<string, string>>]>([
    ['rate-limited', 429, { 'x-ratelimit-reset': '3' }],
    ['retry-after-ms', 429, { 'retry-after-ms': '250' }],
    ['code-10011', 400, {}],
    ['server-error', 500, { 'content-type': 'text/html; charset=utf-8' }],
    ['unavailable', 503, {}],
    ['html', 200, { 'content-type': 'text/html; charset=utf-8' }],
  ])('%s takes the place of one answer (traps 14, 15)', async (fault, status, headers) => {
    const { simulator, ask } = await createSimulatorCase({ traps: { faults: [fault] } })
    const answer = await ask('recordings')
    expect(answer.status).toBe(status)
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers)
    expect(answer.headers.has('retry-after')).toBe(false)
    if (status === 429 || status === 400) expect(answer.body?.errors).toMatchObject([{ code: '10011' }])
    if (status === 200 || status === 500) expect(answer.body).toBeUndefined()
    expect((await ask('recordings')).status).toBe(200)
    expect(simulator.requests.map((request) => request.status)).toEqual([status, 200])
  })

  test('error codes may be numbers (trap 15)', async () => {
    const { ask } = await createSimulatorCase({ traps: { errorCodes: 'number' } })
    expect((await ask('recordings/unknown')).body?.errors).toEqual([{ code: 10005, title: 'Resource not found' }])
  })

  test('JSON may be cut, huge or slow', async () => {
    const { simulator, ask } = await createSimulatorCase({
      traps: { faults: ['truncated', 'huge'], hugeBytes: 1_000_000 },
    })
    simulator.account.generate({ from: july14, to: july14 + day, count: 5 })
    const cut = await ask('recordings')
    expect(cut.text).toMatch(/^\{"data":\[\{/)
    expect(cut.body).toBeUndefined()
    const huge = await ask('recordings')
    expect(huge.text.length).toBeGreaterThan(1_000_000)
    expect(huge.body?.data).toEqual([])
    simulator.traps = { ...noTraps, everyRequest: 'slow', slowMs: 120 }
    const began = performance.now()
    expect((await ask('recordings')).body?.data).toHaveLength(5)
    expect(performance.now() - began).toBeGreaterThan(100)
  })

  test('a connection may be reset, and an answer may stall half-way', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { faults: ['reset', 'stalled'] } })
    await expect(ask('recordings')).rejects.toThrow('fetch failed')
    expect(simulator.requests.map(({ status }) => status)).toEqual([null])
    const response = await fetch(`${simulator.baseUrl}/recordings`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(150),
    })
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('timeout')
  })

  test('a redirect leads to another host, which notes what it was sent', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { faults: ['redirect'] } })
    const location = (await ask('recordings')).headers.get('location') ?? ''
    expect(new URL(location).pathname).toBe('/v2/recordings')
    expect(new URL(location).host).not.toBe(new URL(simulator.baseUrl).host)
    await fetch(location, { headers: { authorization: `Bearer ${apiKey}` } })
    expect(simulator.requests[1]).toMatchObject({ host: 'storage', authorization: 'right', query: [] })
  })

  test('every n-th request may fail', async () => {
    const { ask } = await createSimulatorCase({ traps: { everyNth: { nth: 3, fault: 'unavailable' } } })
    const statuses: number[] = []
    for (let count = 0; count < 7; count += 1) statuses.push((await ask('recordings')).status)
    expect(statuses).toEqual([200, 200, 503, 200, 200, 503, 200])
  })

  test('beyond the rate limit requests are refused, and every answer says what is left (trap 14)', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { rateLimit: { requests: 2, seconds: 60 } } })
    const answers = [await ask('recordings'), await ask('recordings'), await ask('recordings')]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0', '0'])
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-reset'))).toEqual(['60', '60', '60'])
    simulator.traps.rateLimit = { requests: 1, seconds: 0 }
    expect((await ask('recordings')).status).toBe(200)
  })

  test('Date is the clock of the account, skewed or missing', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const date = async () => (await ask('recordings')).headers.get('date')
    expect(await date()).toBe('Wed, 15 Jul 2026 12:00:00 GMT')
    simulator.traps.dateSkewSeconds = -90
    expect(await date()).toBe('Wed, 15 Jul 2026 11:58:30 GMT')
    simulator.traps.dateSkewSeconds = null
    expect(await date()).toBeNull()
  })
})

test('traps that are assigned are copied: counting down leaves the given ones alone', async () => {
  const { simulator, ask } = await createSimulatorCase()
  const given = { ...noTraps, faults: ['unavailable'] as const }
  simulator.traps = given
  expect((await ask('recordings')).status).toBe(503)
  expect([simulator.traps.faults, given.faults]).toEqual([[], ['unavailable']])
})

describe('links', () => {
  test('are new in every answer, play without a key, and die after ten minutes (trap 11)', async () => {
    const account = await createSimulatorCase()
    const id = account.simulator.account.add()
    const link = async (): Promise<string> => (await account.ask(`recordings/${id}`)).body?.data.download_urls.mp3
    const [first, again] = [await link(), await link()]
    expect(first).not.toBe(again)
    expect(first).toContain('X-Amz-Date=20260715T120000Z&X-Amz-Expires=600&')
    const played = await fetch(first)
    expect([played.status, played.headers.get('content-type')]).toEqual([200, 'audio/mpeg'])
    expect((await fetch(first, { headers: { authorization: `Bearer ${apiKey}` } })).status).toBe(400)
    expect((await fetch(first.replace('Expires=600', 'Expires=900'))).status).toBe(403)
    expect(account.simulator.requests.at(-1)).toMatchObject({ host: 'storage', query: [], status: 403 })
    account.clock += 600 * second
    expect((await fetch(first)).status).toBe(200)
    account.clock += second
    expect(await (await fetch(first)).text()).toContain('Request has expired')
    expect((await fetch(await link())).status).toBe(200)
  })

  test('only wav, own storage or none at all (trap 12)', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { links: 'wav-only' } })
    const id = simulator.account.add()
    const links = async () => (await ask(`recordings/${id}`)).body?.data.download_urls
    const { mp3, wav } = await links()
    expect(mp3).toBeNull()
    expect((await fetch(wav)).headers.get('content-type')).toBe('audio/wav')
    simulator.traps.links = 'own-storage'
    expect(await links()).toEqual({ mp3: `gs://own-bucket-example/${id}.mp3` })
    simulator.traps.links = 'missing'
    expect(await links()).toBeUndefined()
  })
})
