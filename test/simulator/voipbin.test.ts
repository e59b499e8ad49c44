import { expect, onTestFinished, test } from 'vitest'
import { startVoipbinSimulator, type VoipbinSimulator } from '../../src/simulator/voipbin/simulator.ts'
import { trapTable } from '../../src/simulator/voipbin/trap-table.ts'
import { noTraps, type VoipbinTraps } from '../../src/simulator/voipbin/traps.ts'

const accessKey = 'vb0199-not-a-real-one-77aa'
const token = 'eyJ0-not-a-real-one'
const now = Date.UTC(2026, 6, 15) * 1000
const minute = 60_000_000

interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any resource
  readonly body: any
}

const open = async (traps: Partial<VoipbinTraps> = {}) => {
  const clock = { now }
  const simulator = await startVoipbinSimulator({ accessKey, token, traps, now: () => clock.now })
  onTestFinished(() => simulator.close())
  const ask = async (
    path: string,
    headers: Record<string, string> = { cookie: `accesskey=${accessKey}` },
  ): Promise<Asked> => {
    const answer = await fetch(`${simulator.baseUrl}/${path}`, { headers, redirect: 'manual' })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
  return { simulator, ask, clock }
}

const add = ({ account }: VoipbinSimulator, changed = {}) => account.add({ tm_create: now - 60 * minute, ...changed })

test('the trap table names traps 1 to 17 but those of the reader, and every switch', () => {
  const numbers = [...new Set(trapTable.map(({ trap }) => trap))]
  expect(numbers).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
  const switches = trapTable.flatMap(({ met }) => (typeof met === 'string' ? [] : met))
  for (const name of switches) expect(Object.keys(noTraps)).toContain(name)
})

test.each([
  ['a cookie', '', { cookie: `accesskey=${accessKey}` }, 200, 'key in cookie'],
  ['the query', `?accesskey=${accessKey}`, {}, 200, 'key in query'],
  ['a bearer token', '', { authorization: `Bearer ${token}` }, 200, 'token'],
  ['a key in the Authorization header', '', { authorization: `Bearer ${accessKey}` }, 401, 'wrong'],
  ['a wrong token beside a key', `?token=x&accesskey=${accessKey}`, {}, 401, 'wrong'],
  ['nothing', '', {}, 401, 'none'],
] as const)('%s is let in, or not', async (_, query, headers, status, credentials) => {
  const { simulator, ask } = await open()
  expect((await ask(`recordings${query}`, headers)).status).toBe(status)
  expect(simulator.requests).toMatchObject([{ credentials, query: [], status }])
  expect(JSON.stringify(simulator.requests)).not.toContain(accessKey)
})

test('pages are of a hundred at the most, newest first, with a token on the last one and an empty page behind it', async () => {
  const { simulator, ask } = await open()
  const ids = simulator.account.generate({ from: now - 60 * minute, to: now, count: 150, plain: true })
  const first = (await ask('recordings?page_size=500')).body
  expect(first.result.map(({ id }: { readonly id: string }) => id)).toEqual(ids.slice(50).toReversed())
  const second = (await ask(`recordings?page_size=0&page_token=${encodeURIComponent(first.next_page_token)}`)).body
  expect(second.result).toHaveLength(50)
  expect(second.next_page_token).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  const third = await ask(`recordings?page_token=${encodeURIComponent(second.next_page_token)}`)
  expect(third.body).toEqual({ result: [], next_page_token: '' })
})

test('the plain token loses a recording of the same microsecond', async () => {
  const { simulator, ask } = await open()
  for (const tm_create of [now - 2, now - 2]) add(simulator, { tm_create })
  const { next_page_token } = (await ask('recordings?page_size=1')).body
  expect((await ask(`recordings?page_token=${next_page_token}`)).body.result).toEqual([])
})

test('both dialects, and all of them mixed, write the same recording', async () => {
  const { simulator, ask } = await open({ dialect: 'old' })
  const id = add(simulator, { tm_create: now - 500_000, tm_end: null, status: '', tm_update: now - 1 })
  const old = (await ask(`recordings/${id}`)).body
  expect(old).toMatchObject({
    status: '',
    tm_create: '2026-07-14 23:59:59.500000',
    tm_end: '9999-01-01 00:00:00.000000',
    tm_update: '2026-07-14 23:59:59.999999',
  })
  simulator.traps.dialect = 'new'
  const current = (await ask(`recordings/${id}`)).body
  expect(current).toMatchObject({ tm_create: '2026-07-14T23:59:59.5Z', tm_update: '2026-07-14T23:59:59.999999Z' })
  expect(Object.keys(current)).not.toEqual(expect.arrayContaining(['tm_end']))
  expect(Object.keys(current)).not.toEqual(expect.arrayContaining(['status']))
  simulator.traps.dialect = 'mixed'
  for (let count = 0; count < 40; count += 1) add(simulator, { tm_delete: null })
  const { result } = (await ask('recordings')).body
  expect(new Set(result.map(({ tm_delete }: { readonly tm_delete: unknown }) => tm_delete))).toEqual(
    new Set(['9999-01-01 00:00:00.000000', '9999-01-01T00:00:00.000000Z', '0001-01-01T00:00:00Z', '', null, undefined]),
  )
})

test('what is not there is a 404 with an envelope, or on older servers a bare 400', async () => {
  const { simulator, ask } = await open()
  const id = add(simulator)
  simulator.account.remove(id)
  expect(await ask(`recordings/${id}`)).toMatchObject({
    status: 404,
    body: { error: { reason: 'RESOURCE_NOT_FOUND' } },
  })
  expect((await ask('recordings')).body.result).toEqual([])
  simulator.traps.errors = 'old'
  expect(await ask(`recordings/${id}`)).toMatchObject({ status: 400, text: '' })
})

test('a held recording is answered as it was', async () => {
  const { simulator, ask } = await open()
  const id = add(simulator, { status: 'stopping' })
  simulator.account.hold(id)
  simulator.account.change(id, { status: 'ended' })
  expect((await ask(`recordings/${id}`)).body.status).toBe('stopping')
  expect((await ask('recordings')).body.result[0].status).toBe('stopping')
  simulator.account.release(id)
  expect((await ask(`recordings/${id}`)).body.status).toBe('ended')
})

test('what lies ahead of the clock is not seen yet', async () => {
  const { simulator, ask, clock } = await open()
  const id = add(simulator, { tm_create: now + minute })
  expect((await ask('recordings')).body.result).toEqual([])
  expect((await ask(`recordings/${id}`)).status).toBe(404)
  clock.now += 2 * minute
  expect((await ask('recordings')).body.result).toHaveLength(1)
})

test('a conference does not show the bridge that the recording refers to', async () => {
  const { simulator, ask } = await open()
  const id = add(simulator)
  const call = simulator.account.get(id)?.reference_id ?? ''
  const conference = simulator.account.addConference(id, [call])
  const bridge = (await ask(`recordings/${id}`)).body.reference_id
  expect((await ask(`conferences/${bridge}`)).status).toBe(404)
  const [listed] = (await ask('conferences')).body.result
  expect(listed).toMatchObject({ id: conference, recording_ids: [id] })
  expect(JSON.stringify(listed)).not.toContain(bridge)
  expect((await ask(`conferencecalls/${listed.conferencecall_ids[0]}`)).body.reference_id).toBe(call)
})

test('lines come newest first, and not by a recording that they are not of', async () => {
  const { simulator, ask } = await open()
  const [mine, other] = [add(simulator), add(simulator)]
  const transcribe = simulator.account.transcribe(mine, { tm_create: now - minute }, [
    { message: 'a' },
    { message: 'b' },
  ])
  const { result } = (await ask(`recordings/${mine}/transcripts?transcribe_id=${transcribe}`)).body
  expect(result.map(({ message }: { readonly message: string }) => message)).toEqual(['b', 'a'])
  expect((await ask(`recordings/${other}/transcripts?transcribe_id=${transcribe}`)).status).toBe(403)
  expect((await ask('transcripts')).status).toBe(400)
  expect((await ask('transcribes')).body.result[0].tm_delete).toBeNull()
})

test('audio is a redirect a minute after the end, to a host that takes no credentials', async () => {
  const { simulator, ask, clock } = await open()
  const id = add(simulator, { tm_end: now - minute + 1 })
  expect((await ask(`recordingfiles/${id}`)).status).toBe(404)
  simulator.traps.earlyAudio = 'without-audio'
  expect((await ask(`recordingfiles/${id}`)).headers.get('location')).toContain('without-audio.zip')
  clock.now += 1
  const { status, headers, text } = await ask(`recordingfiles/${id}`)
  expect([status, text.startsWith('<a href=')]).toEqual([307, true])
  const location = headers.get('location') ?? ''
  expect((await fetch(location, { headers: { authorization: `Bearer ${token}` } })).status).toBe(400)
  expect((await fetch(`${location}0`)).status).toBe(403)
  expect((await fetch(location)).status).toBe(200)
  clock.now += 25 * 60 * minute
  expect((await fetch(location)).status).toBe(403)
})

test('faults are answered one each, then those that stay', async () => {
  const { simulator, ask } = await open({ faults: ['rate-limited', 'payment-required', 'account-frozen', 'bare-400'] })
  const limited = await ask('recordings')
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '2'])
  expect(limited.body.error.details).toEqual([{ limited_by: 'customer' }])
  expect((await ask('recordings')).status).toBe(402)
  expect((await ask('recordings')).body.error.reason).toBe('ACCOUNT_FROZEN')
  expect(await ask('recordings')).toMatchObject({ status: 400, text: '' })
  simulator.traps.everyNth = { nth: 2, fault: 'unavailable' }
  expect([(await ask('recordings')).status, (await ask('recordings')).status]).toEqual([200, 503])
})

test('the first 32 recordings of an account hold all odd forms', async () => {
  const { simulator, ask } = await open()
  simulator.account.generate({ from: now - 60 * minute, to: now, count: 32 })
  const { result } = (await ask('recordings')).body
  const shapes = new Set(result.map((recording: object) => Object.keys(recording).length))
  expect(shapes).toEqual(new Set([8, 14]))
  const references = result.map(({ reference_id }: { readonly reference_id: string }) => reference_id)
  expect(new Set(references).size).toBe(31)
})
