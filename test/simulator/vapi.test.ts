import { describe, expect, onTestFinished, test } from 'vitest'
import { generatedTraps } from '../../src/simulator/vapi/generated-call.ts'
import { startVapiSimulator, type VapiSimulatorOptions } from '../../src/simulator/vapi/simulator.ts'
import { trapTable } from '../../src/simulator/vapi/trap-table.ts'
import { noTraps } from '../../src/simulator/vapi/traps.ts'

const apiKey = 'vapi-not-a-real-key-77aa'

const second = 1_000_000
const day = 86_400 * second
const july15 = Date.UTC(2026, 6, 15) * 1000
const range = { from: july15 - day, to: july15 }

const createCase = async (options: Partial<VapiSimulatorOptions> = {}) => {
  const clock = { now: july15 }
  const simulator = await startVapiSimulator({ apiKey, now: () => clock.now, ...options })
  onTestFinished(() => simulator.close())
  const ask = async (
    path: string,
    headers: Readonly<Record<string, string>> = { authorization: `Bearer ${apiKey}` },
  ) => {
    const response = await fetch(`${simulator.baseUrl}/${path}`, { headers, redirect: 'manual' })
    const text = await response.text()
    // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any resource
    const body: any = /^[[{]/.test(text) ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, body }
  }
  const listed = async (query = '') =>
    (await ask(`call?limit=1000&${query}`)).body.map(({ id }: { readonly id: string }) => id)
  return { simulator, clock, ask, listed }
}

test('every trap of the list of Vapi is met somewhere, and every switch is one', () => {
  const numbers = new Set(trapTable.map(({ trap }) => trap))
  expect([...numbers].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1))
  const switches = trapTable.flatMap(({ met }) => (typeof met === 'string' ? [] : met))
  expect(switches.filter((name) => !(name in noTraps))).toEqual([])
  expect(new Set(trapTable.filter(({ met }) => met === 'generated').map(({ trap }) => trap))).toEqual(generatedTraps)
})

describe('a listing', () => {
  test('holds as many calls as its limit allows, in another order each time, both bounds inclusive', async () => {
    const { simulator, ask, listed } = await createCase()
    const ids = simulator.account.generate({ ...range, count: 150, plain: true })
    expect((await ask('call')).body).toHaveLength(100)
    expect((await ask('call?limit=20')).body).toHaveLength(20)
    const [first, again] = [await listed(), await listed()]
    expect(first).not.toEqual(again)
    expect([...first].sort()).toEqual([...ids].sort())
    const { createdAt } = Object(simulator.account.get(ids[70] ?? ''))
    expect(await listed(`createdAtGe=${createdAt}&createdAtLe=${createdAt}`)).toEqual([ids[70]])
    expect(await listed(`createdAtGt=${createdAt}&createdAtLe=${createdAt}`)).toEqual([])
  })

  test('refuses a larger limit and what it does not know, and the list of reasons is one', async () => {
    const { ask } = await createCase()
    for (const query of ['limit=1001', 'page=2', 'createdAtGe=today']) {
      const { status, body } = await ask(`call?${query}`)
      expect({ status, body }).toMatchObject({ status: 400, body: { statusCode: 400, message: [expect.any(String)] } })
    }
  })

  test('may hold fewer than were asked for, and forgets what is too old', async () => {
    const { simulator, listed, ask } = await createCase({ traps: { silentLimit: 30, retentionDays: 14 } })
    const [old = ''] = simulator.account.generate({
      from: july15 - 20 * day,
      to: july15 - 15 * day,
      count: 2,
      plain: true,
    })
    simulator.account.generate({ ...range, count: 40, plain: true })
    expect(await listed()).toHaveLength(30)
    expect((await ask(`call/${old}`)).status).toBe(404)
    simulator.traps = { ...noTraps }
    expect(await listed()).toHaveLength(42)
  })

  test('finds a call by when it changed; what is yet to come is not seen', async () => {
    const { simulator, clock, listed } = await createCase()
    const id = simulator.account.add({ createdAt: '2026-07-10T00:00:00Z' })
    const coming = simulator.account.add({ createdAt: '2026-07-15T00:01:00Z' })
    expect(await listed('updatedAtGe=2026-07-14T23:00:00Z')).toEqual([])
    simulator.account.change(id, { status: 'ended' })
    expect(await listed('updatedAtGe=2026-07-14T23:00:00Z')).toEqual([id])
    clock.now += 120 * second
    expect((await listed()).sort()).toEqual([id, coming].sort())
  })
})

describe('a call', () => {
  test('is the same for the same seed, and of an odd form every other time', async () => {
    const [one, same] = await Promise.all([createCase({ seed: 7 }), createCase({ seed: 7 })])
    const ids = one.simulator.account.generate({ ...range, count: 28 })
    expect(same.simulator.account.generate({ ...range, count: 28 })).toEqual(ids)
    const calls = ids.map((id) => Object(one.simulator.account.get(id)))
    const some = (match: (call: Record<string, never>) => boolean) => expect(calls.some(match)).toBe(true)
    some(({ artifact }) => Array.isArray(Object(artifact).transcript))
    some(({ artifact }) => Object(artifact).transcript === undefined && Array.isArray(Object(artifact).messages))
    some(({ artifact, recordingUrl }) => artifact === undefined && typeof recordingUrl === 'string')
    some(({ type }) => type === 'webCall')
    some(({ type }) => type === 'vapi.websocketCall')
    some(({ customer }) => typeof Object(customer).sipUri === 'string')
    some(({ endedAt, startedAt }) => String(endedAt) < String(startedAt))
    some(({ endedAt }) => endedAt === undefined)
  })

  test('has other links in every answer, and a recording that redirects to one which dies', async () => {
    const { simulator, clock, ask } = await createCase()
    const id = simulator.account.add()
    const urls = [await ask(`call/${id}`), await ask(`call/${id}`)].map(({ body }) => body.artifact.presignedMonoUrl)
    expect(urls[0]).not.toBe(urls[1])
    const { status, headers } = await ask(`call/${id}/mono-recording`)
    expect(status).toBe(302)
    const location = headers.get('location') ?? ''
    expect((await fetch(location)).status).toBe(200)
    expect((await fetch(location, { headers: { authorization: `Bearer ${apiKey}` } })).status).toBe(400)
    clock.now += 3600 * second
    expect((await fetch(location)).status).toBe(403)
  })

  test('that is not recorded has none, until it is', async () => {
    const { simulator, ask } = await createCase()
    const id = simulator.account.add({ artifact: undefined })
    expect((await ask(`call/${id}/mono-recording`)).status).toBe(404)
    simulator.account.record(id)
    expect((await ask(`call/${id}/stereo-recording`)).status).toBe(302)
    simulator.account.remove(id)
    expect(await ask(`call/${id}`)).toMatchObject({ status: 404, body: { statusCode: 404, error: 'Not Found' } })
  })
})

describe('faults', () => {
  test('come one after the other, and limits are told in two dialects', async () => {
    const { simulator, ask } = await createCase({
      traps: { faults: ['retry-after', 'reset-epoch', 'server-error', 'html'] },
    })
    const answers = [await ask('call'), await ask('call'), await ask('call'), await ask('call'), await ask('call')]
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 500, 200, 200])
    expect(answers[0]?.headers.get('retry-after')).toBe('1')
    expect(Number(answers[1]?.headers.get('x-ratelimit-reset'))).toBeGreaterThan(1_700_000_000)
    simulator.traps.rateLimit = { requests: 1, seconds: 60 }
    expect([(await ask('call')).status, (await ask('call')).status]).toEqual([200, 429])
  })

  test('a wrong key is refused, and numbers are shown by their id', async () => {
    const { simulator, ask } = await createCase()
    expect((await ask('call', { authorization: 'Bearer other' })).status).toBe(401)
    const [number] = simulator.account.numbers
    expect((await ask(`phone-number/${number?.id}`)).body).toEqual(number)
    expect((await ask('phone-number/released')).status).toBe(404)
  })
})
