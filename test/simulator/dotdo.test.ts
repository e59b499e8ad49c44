import { describe, expect, onTestFinished, test } from 'vitest'
import { startDotdoSimulator } from '../../src/simulator/dotdo/simulator.ts'

const apiKey = 'dotdo-not-a-real-token-77aa'

/** Seconds. */
const july15 = Date.UTC(2026, 6, 15) / 1000
const yesterday = { from: (july15 - 86_400) * 1e6, to: july15 * 1e6 }

const createCase = async () => {
  const simulator = await startDotdoSimulator({ apiKey, now: () => july15 * 1e6 })
  onTestFinished(() => simulator.close())
  const ask = async (path = '', { method = 'GET', key = apiKey } = {}) => {
    const response = await fetch(`${simulator.baseUrl}${simulator.path}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
    })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any resource
    const body: any = await response.json()
    return { status: response.status, headers: response.headers, body }
  }
  const walk = async (query: string) => {
    const ids: string[] = []
    const pages: number[] = []
    for (let token: unknown = ''; token !== null && pages.length < 9; ) {
      const { body } = await ask(`?${query}${token === '' ? '' : `&pageToken=${token}`}`)
      ids.push(...body.data.map(({ id }: { readonly id: string }) => id))
      pages.push(body.data.length)
      token = body.nextPageToken ?? null
    }
    return { ids, pages }
  }
  return { simulator, ask, walk }
}

describe('a listing', () => {
  test('goes along its tokens, newest first, both bounds inclusive, with a new secret link in every answer', async () => {
    const { simulator, ask, walk } = await createCase()
    const ids = simulator.generate({ ...yesterday, count: 250 })
    expect(await walk('')).toEqual({ ids: ids.toReversed(), pages: [100, 100, 50] })
    expect((await walk('limit=250')).pages).toEqual([250])
    const edge = simulator.add({ id: 'edge', created: july15 - 9 * 86_400 })
    const at = '2026-07-06T00:00:00Z'
    expect((await walk(`createdFrom=${at}&createdTo=${at}`)).ids).toEqual([edge])
    const link = async () => (await ask(`/${edge}`)).body.data.secureUrl
    expect(await link()).not.toBe(await link())
    expect((await ask()).headers.get('date')).toBe('Wed, 15 Jul 2026 00:00:00 GMT')
  })

  test('may repeat its first page, have an empty one, ignore its bounds, and have odd tokens or none', async () => {
    const { simulator, ask, walk } = await createCase()
    const ids = simulator.generate({ ...yesterday, count: 7 })
    simulator.traps.emptySecondPage = true
    const walked = await walk('limit=3')
    expect(walked).toEqual({ ids: ids.toReversed(), pages: [3, 0, 3, 1] })
    Object.assign(simulator.traps, { emptySecondPage: false, repeatedPage: true })
    expect(new Set((await walk('limit=3')).ids).size).toBe(3)
    Object.assign(simulator.traps, { repeatedPage: false, tokens: 'number' })
    expect((await ask('?limit=3')).body.nextPageToken).toBe(3)
    expect((await walk('limit=3')).ids).toHaveLength(7)
    simulator.traps.tokens = 'missing'
    expect((await ask('?limit=3')).body).not.toHaveProperty('nextPageToken')
    expect((await walk('createdFrom=2026-07-20T00:00:00Z')).ids).toEqual([])
    simulator.traps.filtersIgnored = true
    expect((await walk('createdFrom=2026-07-20T00:00:00Z')).ids).toHaveLength(7)
  })
})

describe('a recording', () => {
  test('is completed unless it is added otherwise; what changes it is newer than it was', async () => {
    const { simulator, ask } = await createCase()
    const id = simulator.add({ created: july15 - 3600, status: 'processing' })
    expect((await ask(`/${id}`)).body).toMatchObject({
      success: true,
      data: { id, status: 'processing', created: july15 - 3600, updated: july15 - 3600, startTime: july15 - 3670 },
    })
    simulator.change(id, { status: 'completed' })
    expect((await ask(`/${id}`)).body.data).toMatchObject({ status: 'completed', updated: july15 })
    simulator.remove(id)
    expect(await ask(`/${id}`)).toMatchObject({ status: 404, body: { success: false, error: { code: 'NOT_FOUND' } } })
    expect(() => simulator.change(id, {})).toThrow(/there is no recording/)
  })

  test('has a link for who asks with POST, and nothing else can be done with it', async () => {
    const { simulator, ask } = await createCase()
    const id = simulator.add()
    const link = await ask(`/${id}/generateSecureUrl`, { method: 'POST' })
    expect(link.body.data).toEqual({ url: expect.stringContaining('sig='), expiresAt: 1_790_000_000 })
    for (const [action, method] of [
      ['generateSecureUrl', 'GET'],
      ['delete', 'POST'],
    ] as const)
      expect((await ask(`/${id}/${action}`, { method })).status).toBe(404)
  })

  test('may be refused, by the API or by a proxy, which says nothing of it', async () => {
    const { simulator, ask } = await createCase()
    const [one, other] = [simulator.add(), simulator.add()]
    Object.assign(simulator.traps.refused, { [one]: 403, [other]: 404 })
    expect(await ask(`/${one}`)).toMatchObject({ status: 403, body: { success: false } })
    expect(await ask(`/${other}`)).toMatchObject({ status: 404, body: {} })
  })
})

test('a wrong key and faults are answered in words, and every request is noted without its key', async () => {
  const { simulator, ask } = await createCase()
  expect(await ask('', { key: 'other' })).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHORIZED' } } })
  simulator.traps.everyRequest = 'unavailable'
  expect((await ask()).status).toBe(503)
  simulator.traps.everyRequest = 'bad-request'
  expect((await ask()).status).toBe(400)
  expect(simulator.requests.map(({ status, authorization }) => [status, authorization])).toEqual([
    [401, 'wrong'],
    [503, 'right'],
    [400, 'right'],
  ])
  expect(JSON.stringify(simulator.requests)).not.toContain(apiKey)
  simulator.forgetRequests()
  expect(simulator.requests).toEqual([])
})
