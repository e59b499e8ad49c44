import { describe, expect, test } from 'vitest'
import { day, hour, idsOf, minute, second } from '../opened-source.ts'
import { openOrganization, today, yesterday } from './open-organization.ts'

const query = 'POST /analytics/conversations/details/query'
const jobs = 'POST /analytics/conversations/details/jobs'

describe('the listing of a window', () => {
  test('asks day by day for conversations that ended and were recorded, and keeps those that started in it', async () => {
    const { simulator, stubs } = await openOrganization()
    const noon = yesterday.from + 12 * hour
    const before = simulator.account.add({ start: noon - 3 * hour })
    const inside = simulator.account.add({ start: noon })
    simulator.account.add({ start: noon, end: today + 2 * hour })
    expect(idsOf(await stubs({ from: noon - hour, to: noon + hour }))).toEqual([inside])
    expect(idsOf(await stubs())).toEqual([before, inside].sort())
    const [first] = simulator.requests.filter(({ path }) => path.endsWith('/query'))
    const date = new Date(yesterday.from / 1000).toISOString().slice(0, 10)
    expect(first?.body).toEqual({
      interval: `${date}T11:00:00Z/${date}T13:00:00Z`,
      order: 'desc',
      orderBy: 'conversationStart',
      paging: { pageSize: 100, pageNumber: 1 },
      conversationFilters: [
        { type: 'and', predicates: [{ type: 'dimension', dimension: 'conversationEnd', operator: 'exists' }] },
      ],
      segmentFilters: [
        { type: 'or', predicates: [{ type: 'dimension', dimension: 'recording', operator: 'matches', value: 'true' }] },
      ],
    })
  })

  test('costs one request for one page, and two walks for several', async () => {
    const { simulator, stubs, asked } = await openOrganization()
    simulator.account.generate({ ...yesterday, count: 40 })
    await stubs()
    expect(asked()).toEqual({ 'POST /oauth/token': 1, [query]: 1 })
    simulator.account.generate({ ...yesterday, count: 200 })
    simulator.forgetRequests()
    expect(idsOf(await stubs())).toHaveLength(240)
    expect(asked()).toEqual({ [query]: 6 })
  })

  test('walks from the nearer edge of the day, and no further than the window reaches', async () => {
    const { simulator, stubs, asked } = await openOrganization()
    const ids = simulator.account.generate({ ...yesterday, count: 960 })
    const evening = { from: today - 2 * hour, to: today - second }
    expect(idsOf(await stubs(evening))).toEqual(ids.slice(-80).toSorted())
    expect(asked()).toMatchObject({ [query]: 1 })
    simulator.forgetRequests()
    expect(idsOf(await stubs({ from: yesterday.from + hour, to: yesterday.from + 2 * hour }))).toHaveLength(41)
    expect(asked()).toEqual({ [query]: 1 })
  })

  test('finds what pages that shift missed, with the second walk', async () => {
    const { simulator, stubs } = await openOrganization({ traps: { shifts: 1 } })
    const ids = simulator.account.generate({ ...yesterday, count: 350 })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('has each conversation in one stub, however often it is shown', async () => {
    const { simulator, stubs } = await openOrganization()
    simulator.account.generate({ ...yesterday, count: 350 })
    expect(await stubs()).toHaveLength(350)
  })

  test.each([-200, 200])('does not take a total that is off by %i for the end', async (totalOffBy) => {
    const { simulator, stubs } = await openOrganization({ traps: { totalOffBy } })
    const ids = simulator.account.generate({ ...yesterday, count: 250 })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('of days is one request a day when there is nothing', async () => {
    const { stubs, asked } = await openOrganization()
    expect(await stubs({ from: today - 3 * day, to: today })).toEqual([])
    expect(asked()).toMatchObject({ [query]: 3 })
  })

  test.each(['null', '[]', '""', '{"conversations":{}}', '{"conversations":"none"}', ''])(
    'that is answered with %j is no empty one',
    async (listingBody) => {
      const { stubs, simulator } = await openOrganization({ traps: { listingBody } })
      simulator.account.generate({ ...yesterday, count: 3 })
      await expect(stubs()).rejects.toThrow(/front-desk.* is no list of conversations/)
      simulator.traps.jobQuestions = 0
      await expect(stubs({ from: today - 40 * day, to: today - 39 * day })).rejects.toThrow(
        /is no list of conversations/,
      )
    },
  )

  test('goes on behind a page that is full, though not all in it is a conversation', async () => {
    const { simulator, stubs } = await openOrganization({ traps: { totalOffBy: -250 } })
    const ids = simulator.account.generate({ ...yesterday, count: 250 })
    simulator.traps.nullOnEveryPage = true
    const shown = new Set(idsOf(await stubs()))
    expect(ids.filter((id) => shown.has(id)).length).toBeGreaterThanOrEqual(247)
  })

  test('shows nothing of divisions that the client may not see, and no error', async () => {
    const { simulator, stubs } = await openOrganization()
    const seen = simulator.account.add({ start: yesterday.from + hour, division: 'a' })
    simulator.account.add({ start: yesterday.from + hour, division: 'b' })
    simulator.traps.hiddenDivisions = ['b']
    expect(idsOf(await stubs())).toEqual([seen])
  })

  test('rejects nothing itself: a conversation without id is a stub with what there is', async () => {
    const { simulator, stubs } = await openOrganization()
    simulator.account.add({ start: yesterday.from + hour, detail: { conversationId: null } })
    expect(await stubs()).toMatchObject([{ recordId: null, record: { conversation: { conversationId: null } } }])
  })
})

describe('a day with more than is ever listed', () => {
  const limits = { traps: { mostListed: 200 }, settings: { most_per_query: 200 } }

  test('is split by direction, division and medium', async () => {
    const { simulator, stubs, asked } = await openOrganization(limits)
    const [first, second] = ['00000000-0000-4000-8000-000000001101', '00000000-0000-4000-8000-000000001102']
    const groups = [
      { direction: 'inbound', division: first },
      { direction: 'inbound', division: second },
      { direction: 'outbound', division: first },
    ] as const
    const ids = groups.flatMap((group) =>
      Array.from({ length: 100 }, (_, n) =>
        simulator.account.add({
          start: yesterday.from + n * minute,
          direction: group.direction,
          division: group.division ?? '',
        }),
      ),
    )
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    expect(asked()).toMatchObject({ 'GET /authorization/divisions': 1 })
  })

  test('fails loudly when that does not help', async () => {
    const { simulator, stubs } = await openOrganization(limits)
    for (let n = 0; n < 250; n += 1)
      simulator.account.add({
        start: yesterday.from + n * minute,
        direction: 'inbound',
        division: '00000000-0000-4000-8000-000000001101',
      })
    await expect(stubs()).rejects.toThrow(
      /more than 200 conversations of one day have the same direction, division and medium/,
    )
  })

  test('is found where Genesys Cloud cuts off earlier than it is said to', async () => {
    const { simulator, stubs } = await openOrganization({ traps: { mostListed: 200 } })
    const ids = (['inbound', 'outbound'] as const).flatMap((direction) =>
      Array.from({ length: 210 }, (_, n) => simulator.account.add({ start: yesterday.from + n * minute, direction })),
    )
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('is split to what has no medium at all', async () => {
    const { simulator, stubs } = await openOrganization(limits)
    const division = '00000000-0000-4000-8000-000000001101'
    const add = (n: number) =>
      simulator.account.add({ start: yesterday.from + n * minute, direction: 'inbound', division })
    const ids = Array.from({ length: 290 }, (_, n) => add(n))
    const sessions = [{ sessionId: 's', recording: true }]
    for (const id of ids.slice(150)) simulator.account.change(id, { participants: [{ purpose: 'customer', sessions }] })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('is no matter for a window at its end', async () => {
    const { simulator, stubs, asked } = await openOrganization(limits)
    const ids = simulator.account.generate({ ...yesterday, count: 960 })
    expect(idsOf(await stubs({ from: today - hour, to: today }))).toEqual(ids.slice(-40).toSorted())
    expect(asked()).toMatchObject({ [query]: 1 })
  })
})

describe('answers that are larger than may be read', () => {
  const large = { detail: { externalTag: 'x'.repeat(5000) } }

  test('are asked for in smaller pages', async () => {
    const { simulator, stubs } = await openOrganization({ settings: { max_response_bytes: 150_000 } })
    const add = (n: number) => simulator.account.add({ start: yesterday.from + n * minute, ...large })
    const ids = Array.from({ length: 120 }, (_, n) => add(n))
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('are asked for in smaller pages of a job, too', async () => {
    const long = { from: today - 40 * day, to: today - 39 * day }
    const { simulator, stubs } = await openOrganization({
      settings: { max_response_bytes: 500_000 },
      traps: { jobQuestions: 0 },
    })
    const add = (n: number) => simulator.account.add({ start: long.from + n * minute, ...large })
    const ids = Array.from({ length: 120 }, (_, n) => add(n))
    expect(idsOf(await stubs(long))).toEqual([...ids].sort())
  })

  test('fail loudly when a few conversations are', async () => {
    const { simulator, stubs } = await openOrganization({ settings: { max_response_bytes: 100_000 } })
    simulator.account.add({ start: yesterday.from, detail: { externalTag: 'x'.repeat(200_000) } })
    await expect(stubs()).rejects.toThrow(/larger than 100000 bytes \(max_response_bytes\)/)
  })
})

describe('what makes a conversation be read again', () => {
  const print = async (
    change: (open: Awaited<ReturnType<typeof openOrganization>>, id: string) => void,
    settings = {},
  ) => {
    const open = await openOrganization({ settings })
    const id = open.simulator.account.add({ start: today - 20 * hour })
    const before = (await open.stubs())[0]?.fingerprint
    change(open, id)
    return { before, after: (await open.stubs())[0]?.fingerprint }
  }

  test.each([
    ['another end', { conversationEnd: new Date(today / 1000 - 60_000).toISOString() }],
    ['another division', { divisionIds: ['00000000-0000-4000-8000-000000001109'] }],
    ['another direction', { originatingDirection: null }],
  ])('%s does', async (_, patch) => {
    const { before, after } = await print(({ simulator }, id) => simulator.account.change(id, patch))
    expect(after).not.toBe(before)
  })

  test('the order of divisions, or what nobody needs, does not', async () => {
    const divisions = { divisionIds: ['b', 'a'] }
    const open = await openOrganization()
    const id = open.simulator.account.add({ start: today - 20 * hour, detail: { divisionIds: ['a', 'b'] } })
    const before = await open.stubs()
    open.simulator.account.change(id, { ...divisions, mediaStatsMinConversationMos: 4.4 })
    expect(await open.stubs()).toEqual(before)
  })

  test('its age does, once: late recordings are found by the second look', async () => {
    const open = await openOrganization({ settings: { second_look: '2d' } })
    open.simulator.account.add({ start: today - 20 * hour })
    open.simulator.account.add({ start: today - 70 * hour })
    const [young] = await open.stubs()
    const [old] = await open.stubs({ from: today - 3 * day, to: today - 2 * day })
    const look = await openOrganization({ settings: { second_look: '1h' } })
    look.simulator.account.add({ start: today - 20 * hour })
    expect((await look.stubs())[0]?.fingerprint).not.toBe(young?.fingerprint)
    expect(old?.fingerprint).not.toBe(young?.fingerprint)
  })
})

describe('history', () => {
  const long = { from: today - 40 * day, to: today - 39 * day }

  test('is listed by a job, page token after page token, by the day conversations started on', async () => {
    const { simulator, stubs, asked } = await openOrganization({ traps: { jobPage: 100 } })
    const ids = simulator.account.generate({ ...long, count: 250 })
    simulator.account.add({ start: long.from - hour, end: long.to })
    expect(idsOf(await stubs(long))).toEqual([...ids].sort())
    expect(asked()).toEqual({
      'POST /oauth/token': 1,
      [jobs]: 1,
      'GET /analytics/conversations/details/jobs/{}': 2,
      'GET /analytics/conversations/details/jobs/{}/results': 3,
    })
    const [job] = simulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs'))
    expect(job?.body).toMatchObject({ startOfDayIntervalMatching: true })
  })

  test.each(['FAILED', 'EXPIRED'] as const)('whose job ends as %s fails, to be tried again', async (jobState) => {
    const { stubs } = await openOrganization({ traps: { jobState, jobQuestions: 0 } })
    await expect(stubs(long)).rejects.toThrow(`the job ended as ${jobState}`)
  })

  test('that jobs do not have yet is not taken for read', async () => {
    const { stubs } = await openOrganization({ traps: { jobQuestions: 0 }, clock: () => today - 39 * day })
    await expect(stubs(long)).rejects.toThrow(/jobs have data until .* only/)
  })

  test('within the reach of queries is queried', async () => {
    const { stubs, asked } = await openOrganization({ settings: { jobs_after: '90d' } })
    await stubs(long)
    expect(asked()).toMatchObject({ [query]: 1 })
  })
})
