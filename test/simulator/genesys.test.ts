import { describe, expect, onTestFinished, test } from 'vitest'
import { type GenesysSimulatorOptions, startGenesysSimulator } from '../../src/simulator/genesys/simulator.ts'
import { trapTable } from '../../src/simulator/genesys/trap-table.ts'
import { noTraps } from '../../src/simulator/genesys/traps.ts'
import { day, instant, minute } from './simulator-case.ts'

const hour = 60 * minute
const client = { clientId: 'client', clientSecret: 'secret-of-nobody' }
const start = instant('2026-07-14T09:00:00Z')
const basic = `Basic ${Buffer.from('client:secret-of-nobody').toString('base64')}`

/** It is 2026-07-15T12:00:00Z until the test moves the clock. */
const createCase = async (options: Partial<GenesysSimulatorOptions> = {}) => {
  const clock = { now: instant('2026-07-15T12:00:00Z') }
  const simulator = await startGenesysSimulator({ ...client, now: () => clock.now, ...options })
  onTestFinished(() => simulator.close())
  const login = (authorization = basic) =>
    fetch(`${simulator.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
  let token: string | undefined
  const ask = async (path: string, body?: unknown) => {
    token ??= Object(await (await login()).json()).access_token
    const response = await fetch(`${simulator.url}/api/v2${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const query = async (interval: string, more: object = {}) => {
    const paging = { pageSize: 100, pageNumber: 1 }
    const { body } = await ask('/analytics/conversations/details/query', { interval, paging, ...more })
    return body
  }
  return { simulator, clock, login, ask, query }
}

const idsOf = (body: { readonly conversations?: readonly { readonly conversationId: string }[] }) =>
  (body.conversations ?? []).map(({ conversationId }) => conversationId)

const dayOf = '2026-07-14T00:00:00Z/2026-07-15T00:00:00Z'
const conversation = (id: string) => `/conversations/${id}/recordings`

test('every trap of the sheet that is built is in the table, and its switches exist', () => {
  expect([...new Set(trapTable.map(({ trap }) => trap))].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 19 }, (_, n) => n + 1).filter((trap) => trap !== 15),
  )
  for (const { met } of trapTable)
    if (typeof met !== 'string') for (const name of met) expect(noTraps).toHaveProperty(name)
})

describe('a login', () => {
  test('needs the client, its secret and a form', async () => {
    const { login, simulator } = await createCase()
    expect((await login()).status).toBe(200)
    expect((await login('Basic x')).status).toBe(401)
    expect(
      (await fetch(`${simulator.url}/oauth/token`, { method: 'POST', headers: { authorization: basic } })).status,
    ).toBe(400)
  })

  test('leaves the token of the one before, which ends by itself (trap 13)', async () => {
    const { ask, login, simulator } = await createCase()
    expect((await ask('/tokens/me')).status).toBe(200)
    await login()
    expect((await ask('/tokens/me')).status).toBe(200)
    simulator.traps.tokenRequests = 2
    expect((await ask('/tokens/me')).status).toBe(401)
    simulator.traps.tokenRequests = null
    simulator.traps.refusesTokens = true
    expect((await ask('/tokens/me')).body).toMatchObject({ code: 'bad.credentials', status: 401 })
  })
})

describe('a details query', () => {
  test('matches the whole days that its interval touches (trap 4), without what is past the end (trap 2)', async () => {
    const { simulator, query } = await createCase()
    const morning = simulator.account.add({ start })
    const evening = simulator.account.add({ start: start + 12 * hour })
    simulator.account.add({ start: start + day })
    expect(idsOf(await query('2026-07-14T14:00:00Z/2026-07-14T15:00:00Z'))).toEqual([morning, evening])
    expect(idsOf(await query(dayOf, { order: 'desc' }))).toEqual([evening, morning])
    const past = await query(dayOf, { paging: { pageSize: 100, pageNumber: 2 } })
    expect(past).toEqual({ totalHits: 2 })
  })

  test('shows a conversation without end while it is open (trap 17)', async () => {
    const { simulator, query, clock } = await createCase()
    simulator.account.add({ start, end: start + 3 * day })
    const ended = {
      conversationFilters: [{ type: 'and', predicates: [{ dimension: 'conversationEnd', operator: 'exists' }] }],
    }
    expect((await query(dayOf)).conversations[0]).not.toHaveProperty('conversationEnd')
    expect(idsOf(await query(dayOf, ended))).toEqual([])
    clock.now += 3 * day
    expect(idsOf(await query(dayOf, ended))).toHaveLength(1)
  })

  test('has filters of conversations and of segments', async () => {
    const { simulator, query } = await createCase()
    const inbound = simulator.account.add({ start, direction: 'inbound', division: 'a' })
    const chat = simulator.account.add({ start, direction: 'outbound', mediaType: 'chat', division: 'b' })
    const none = simulator.account.add({ start, detail: { originatingDirection: undefined } })
    const by = (dimension: string, operator: string, value?: string) => [
      { type: 'and', predicates: [{ dimension, operator, value }] },
    ]
    const found = async (more: object) => idsOf(await query(dayOf, more))
    expect(await found({ conversationFilters: by('originatingDirection', 'matches', 'inbound') })).toEqual([inbound])
    expect(await found({ conversationFilters: by('originatingDirection', 'notExists') })).toEqual([none])
    expect(await found({ conversationFilters: by('divisionId', 'matches', 'b') })).toEqual([chat])
    expect(await found({ segmentFilters: by('mediaType', 'matches', 'chat') })).toEqual([chat])
  })

  test('has limits (trap 14), an approximate total (trap 2) and pages that shift once (trap 3)', async () => {
    const { simulator, query, ask } = await createCase({ traps: { totalOffBy: 7, mostListed: 250, shifts: 1 } })
    const ids = simulator.account.generate({ from: start - 9 * hour, to: start + 14 * hour, count: 300 })
    const page = async (pageNumber: number) => query(dayOf, { paging: { pageSize: 100, pageNumber } })
    expect((await page(1)).totalHits).toBe(307)
    const shown = [await page(1), await page(2), await page(3)].flatMap(idsOf)
    expect(shown).toHaveLength(250)
    simulator.traps.shifts = 1
    const shifted = [await page(1), await page(2), await page(3)].flatMap(idsOf)
    expect(new Set(shifted).size).toBe(249)
    expect(ids.slice(0, 250).filter((id) => !shifted.includes(id))).toEqual([ids[100]])
    const refused = async (body: object) => (await ask('/analytics/conversations/details/query', body)).status
    expect(await refused({ interval: dayOf, paging: { pageSize: 101 } })).toBe(400)
    expect(await refused({ interval: '2026-07-01T00:00:00Z/2026-07-14T00:00:00Z', paging: { pageSize: 10 } })).toBe(400)
  })

  test('does not show divisions that are hidden (trap 18)', async () => {
    const { simulator, query } = await createCase({ traps: { hiddenDivisions: ['b'] } })
    const seen = simulator.account.add({ start, division: 'a' })
    simulator.account.add({ start, division: 'b' })
    expect(idsOf(await query(dayOf))).toEqual([seen])
  })
})

describe('recordings of a conversation', () => {
  test('are a bare list, after 404, 202 without a body, and nothing (traps 1, 5)', async () => {
    const traps = { transcodingAnswers: 2, notFoundAnswers: 1, emptyFor: 40 * hour }
    const { simulator, ask, clock } = await createCase({ traps })
    const id = simulator.account.add({ start })
    const answers = []
    for (let n = 0; n < 4; n += 1) answers.push(await ask(conversation(id)))
    expect(answers.map(({ status, text }) => [status, text.slice(0, 2)])).toEqual([
      [404, '{"'],
      [202, ''],
      [202, ''],
      [200, '[]'],
    ])
    clock.now += 2 * day
    expect((await ask(conversation(id))).body).toMatchObject([{ media: 'audio', fileState: 'AVAILABLE' }])
  })

  test('have signed links for an hour, by channel or mixed, that refuse a token (trap 10)', async () => {
    const { simulator, ask, clock } = await createCase()
    const id = simulator.account.add({ start })
    const [{ mediaUris }] = (await ask(conversation(id))).body
    expect(Object.keys(mediaUris)).toEqual(['0', '1'])
    const link = mediaUris['0'].mediaUri
    const status = async (headers = {}) => (await fetch(link, { headers })).status
    expect([await status(), await status({ authorization: 'Bearer x' })]).toEqual([200, 400])
    clock.now += 61 * minute
    expect(await status()).toBe(403)
    simulator.traps.mediaUris = 'mixed'
    expect(Object.keys((await ask(conversation(id))).body[0].mediaUris)).toEqual(['S'])
    simulator.traps.mediaUris = 'none'
    expect((await ask(conversation(id))).body[0].mediaUris).toBeNull()
  })

  test('lose times and links with their media (trap 11), and have other holds in every answer (trap 9)', async () => {
    const { simulator, ask } = await createCase({ traps: { annotations: true } })
    const id = simulator.account.add({ start })
    const [first] = (await ask(conversation(id))).body
    const [second] = (await ask(conversation(id))).body
    expect(second.annotations[0].id).not.toBe(first.annotations[0].id)
    const [recording = ''] = simulator.account.recordings(id)
    simulator.account.changeRecording(id, recording, { fileState: 'ARCHIVED' })
    expect((await ask(conversation(id))).body).toMatchObject([{ startTime: null, endTime: null, mediaUris: null }])
    simulator.account.remove(id)
    expect((await ask(conversation(id))).status).toBe(404)
  })

  test('are refused without a permission, or in another division (trap 18)', async () => {
    const { simulator, ask } = await createCase({ traps: { recordingsRefused: 'permission' } })
    const id = simulator.account.add({ start })
    expect((await ask(conversation(id))).body).toMatchObject({ status: 403, code: 'missing.any.permissions' })
    simulator.traps.recordingsRefused = 'division'
    expect((await ask(conversation(id))).body.code).toBe('recording.recording.view.permission.check.failed')
  })
})

test('a consult is a later customer, outbound from a SIP address (trap 7), and names are localities (trap 8)', async () => {
  const { simulator, query } = await createCase()
  simulator.account.consult(simulator.account.add({ start }))
  const { participants } = (await query(dayOf)).conversations[0]
  expect(participants[0]).toMatchObject({
    participantName: 'Austin TX',
    sessions: [{ ani: expect.stringMatching(/^tel:/) }],
  })
  expect(participants[2]).toMatchObject({
    purpose: 'customer',
    sessions: [{ direction: 'outbound', ani: expect.stringMatching(/^sip:/) }],
  })
})

test('too many requests are refused with what to wait and which limit (trap 12)', async () => {
  const { simulator, ask } = await createCase({ traps: { rateLimit: { allowed: 2, seconds: 60 } } })
  const first = await ask('/tokens/me')
  expect(first.headers.get('inin-ratelimit-allowed')).toBe('2')
  await ask('/tokens/me')
  const third = await ask('/tokens/me')
  expect(third.headers.get('retry-after')).toBe('1')
  expect(third.body).toMatchObject({
    code: 'too.many.requests',
    limit: { key: 'client.credentials.token.rate.per.minute', value: 2 },
  })
  simulator.traps.rateLimit = null
  simulator.traps.faults = ['rate-limited']
  expect([(await ask('/tokens/me')).status, (await ask('/tokens/me')).status]).toEqual([429, 200])
})

test('a job matches by activity unless told otherwise, answers 202, gives pages by token, and expires (traps 4, 16)', async () => {
  const { simulator, ask } = await createCase({ traps: { jobPage: 1, jobQuestions: 1 } })
  const before = simulator.account.add({ start: start - day, end: start })
  const inside = simulator.account.add({ start })
  const run = async (more: object) => {
    const { jobId } = (await ask('/analytics/conversations/details/jobs', { interval: dayOf, ...more })).body
    const path = `/analytics/conversations/details/jobs/${jobId}`
    const asked = [await ask(path), await ask(path)]
    expect(asked.map(({ status, body }) => [status, body.state])).toEqual([
      [202, 'QUEUED'],
      [200, 'FULFILLED'],
    ])
    const ids: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await ask(`${path}/results${cursor}`)
      ids.push(...idsOf(body))
      if (body.cursor === undefined) break
      cursor = `?cursor=${body.cursor}`
    }
    expect((await ask(path)).body.state).toBe('EXPIRED')
    expect((await ask(`${path}/results`)).status).toBe(404)
    return ids
  }
  expect(await run({})).toEqual([before, inside])
  expect(await run({ startOfDayIntervalMatching: true })).toEqual([inside])
})
