import { describe, expect, test } from 'vitest'
import { SourceProtocolError } from '../../../src/domain/errors.ts'
import { json, startScriptedServer } from '../../support/scripted-server.ts'
import { day, hour, idsOf, minute, second } from '../opened-source.ts'
import { answerIn } from './fixtures.ts'
import { now, openAccount, yesterday } from './open-account.ts'

const noTranscripts = { transcripts: false }

const tokensOf = ({ requests }: { readonly requests: readonly { readonly query: readonly (readonly string[])[] }[] }) =>
  requests.map(({ query }) => query.find(([name]) => name === 'page_token')?.[1] ?? 'none')

describe('the first listing of a process', () => {
  test('begins with the newest, and then jumps to its window in the form of the server', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const old = simulator.account.generate({ from: now - 20 * day, to: now - 10 * day, count: 30, plain: true })
    simulator.account.generate({ from: now - 2 * day, to: now, count: 450, plain: true })
    const found = await stubs({ from: now - 20 * day, to: now - 10 * day })
    expect(idsOf(found)).toEqual([...old].sort())
    expect(tokensOf(simulator)).toEqual(['none', '2026-07-05T00:00:00.000001Z', expect.any(String)])
  })

  test('needs no jump where its window is the newest time', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    simulator.account.generate({ from: now - 5 * day, to: now, count: 500, plain: true })
    const found = await stubs({ from: now - hour, to: now })
    expect(found.length).toBeGreaterThan(0)
    expect(simulator.requests).toHaveLength(1)
  })

  test('asks older servers in their form', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps: { dialect: 'old' } })
    const ids = simulator.account.generate({ ...yesterday, count: 150, plain: true })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    await stubs({ from: now - 3 * hour, to: now - 2 * hour })
    expect(tokensOf(simulator)[0]).toBe('none')
    for (const token of tokensOf(simulator).slice(1)) expect(token).toMatch(/^2026-07-14 \d\d:\d\d:\d\d\.\d{6}$/)
    expect(tokensOf(simulator)).toContain('2026-07-14 22:00:00.000001')
  })
})

describe('a window', () => {
  test('of several pages is read in pages of 100, each beginning with the last of the one before', async () => {
    const { simulator, list } = await openAccount({ settings: noTranscripts })
    const ids = simulator.account.generate({ ...yesterday, count: 250, plain: true })
    const pages = await list()
    expect(pages.map(({ stubs, total }) => [stubs.length, total])).toEqual([
      [100, null],
      [100, null],
      [52, null],
      [1, null],
    ])
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    expect(pages[0]).toMatchObject({ servedAt: now })
    for (const { query } of simulator.requests) expect(query[0]).toEqual(['page_size', '100'])
  })

  test.each([
    ['tokens on the last page', {}],
    ['none there', { tokenOnLastPage: false }],
    ['tokens cut to milliseconds', { millisecondTokens: true }],
    ['older times', { dialect: 'old' as const }],
    ['all times mixed', { dialect: 'mixed' as const }],
  ])(
    'with %s holds every recording in it and none beside it, ties at the edges of pages included',
    async (_, traps) => {
      const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps })
      const { account } = simulator
      account.generate({ from: now - 2 * day, to: now - day - 1, count: 40, plain: true })
      const ids = [
        ...account.generate({ from: now - 20 * hour, to: now - hour, count: 95, plain: true }),
        // Ten of one microsecond around the edge of the first page.
        ...Array.from({ length: 10 }, () => account.add({ tm_create: now - 20 * hour - 123_457 })),
        ...account.generate({ from: now - 23 * hour, to: now - 21 * hour, count: 90, plain: true }),
        account.add({ tm_create: now - day }),
      ]
      account.add({ tm_create: now - day - 1 })
      expect(idsOf(await stubs())).toEqual([...ids].sort())
    },
  )

  test('that begins with a tie around the edge of a page holds all of it', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const ids = [
      ...simulator.account.generate({ from: now - 20 * hour, to: now, count: 95, plain: true }),
      ...Array.from({ length: 10 }, () => simulator.account.add({ tm_create: now - day })),
    ]
    simulator.account.add({ tm_create: now - day - 1 })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('costs no more requests where tokens are cut to milliseconds', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps: { millisecondTokens: true } })
    simulator.account.generate({ ...yesterday, count: 250, plain: true })
    await stubs()
    expect(simulator.requests).toHaveLength(4)
  })

  test('is closed at both ends', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const [from, to] = [now - 2 * hour, now - hour]
    const ids = [from, to].map((tm_create) => simulator.account.add({ tm_create }))
    for (const tm_create of [from - 1, to + 1]) simulator.account.add({ tm_create })
    expect(idsOf(await stubs({ from, to }))).toEqual([...ids].sort())
    expect(idsOf(await stubs({ from, to }))).toEqual([...ids].sort())
  })

  test('without anything in it is an empty page, with the vendor clock', async () => {
    const { list, paths } = await openAccount({ settings: noTranscripts })
    expect(await list()).toMatchObject([{ stubs: [], total: null, servedAt: now }])
    expect(paths()).toEqual(['/recordings'])
  })

  test('that is walked while recordings are made holds what was there, and they come with the next one', async () => {
    let clock = now
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, clock: () => clock })
    const ids = simulator.account.generate({ ...yesterday, count: 250, plain: true })
    const made: string[] = []
    simulator.onRequest = () => {
      clock += second
      made.push(simulator.account.add({ tm_create: clock - 1 }))
    }
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    simulator.onRequest = undefined
    expect(idsOf(await stubs({ from: now, to: clock }))).toEqual([...made].sort())
  })

  test('holds every odd form, and each of them is a row or a reject', async () => {
    const { simulator, joined, stream } = await openAccount({ traps: { dialect: 'mixed' } })
    simulator.account.generate({ ...yesterday, count: 64 })
    const flattened = (await joined()).map((record) =>
      stream.flatten(record, { version: null, ordinal: 1, final: true }),
    )
    expect(flattened).toHaveLength(64 + 1)
    for (const one of flattened)
      expect(one).toMatchObject({ kind: 'rows', rows: [{ source_version: expect.any(Number) }] })
  })
})

describe('a server that', () => {
  test.each([
    ['repeats its pages', { ignoresTokens: true }, 250, /where none is newer than/],
    ['lists the oldest first', { oldestFirst: true }, 20, /its order has changed/],
  ])('%s fails the window and does not loop', async (_, traps, count, problem) => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps })
    simulator.account.generate({ ...yesterday, count, plain: true })
    const failed = stubs()
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(problem)
    expect(simulator.requests.length).toBeLessThan(5)
  })

  test('has a hundred recordings of one microsecond fails, as no token leads beyond them', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    for (let count = 0; count < 101; count += 1) simulator.account.add({ tm_create: now - hour })
    await expect(stubs()).rejects.toThrow('a full page holds nothing new')
    expect(simulator.requests).toHaveLength(2)
  })

  test('has ninety-nine of them is read', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const ids = Array.from({ length: 99 }, () => simulator.account.add({ tm_create: now - hour }))
    ids.push(...simulator.account.generate({ ...yesterday, count: 30, plain: true }))
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('shows an empty page whose token leads on is followed', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps: { emptySecondPage: true } })
    const ids = simulator.account.generate({ ...yesterday, count: 250, plain: true })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test.each([
    ['b2Zmc2V0', 'page token that is no time'],
    [1_784_030_400, 'page token that is no text'],
    [['2026-07-14T00:00:00.000000Z'], 'page token that is no text'],
  ])('gives the token %j is not guessed at, nor is that the end', async (token, problem) => {
    const server = await startScriptedServer(json({ result: [], next_page_token: token }))
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    await expect(stubs()).rejects.toThrow(problem)
  })

  test.each([
    ['a null list', { result: null, next_page_token: '' }],
    ['an empty one', { result: [], next_page_token: '' }],
    ['one without token', { result: [] }],
  ])('answers %s has nothing', async (_, answer) => {
    const server = await startScriptedServer(json(answer))
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    expect(await stubs()).toEqual([])
  })

  test.each([[[]], [{}], [{ recordings: [] }], ['ok'], [null]])('answers %j is no list', async (answer) => {
    const server = await startScriptedServer(json(answer))
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    await expect(stubs()).rejects.toThrow('the answer has no list in result')
  })

  test('answers more than may be held is asked for smaller pages', async () => {
    const settings = { ...noTranscripts, max_response_bytes: 100_000 }
    const { simulator, stubs } = await openAccount({ settings, traps: { faults: ['huge'] } })
    const ids = simulator.account.generate({ ...yesterday, count: 60, plain: true })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    expect(simulator.requests.map(({ query }) => query[0]?.[1]).slice(0, 2)).toEqual(['100', '50'])
  })

  test('answers more than may be held in any page has an error that names the setting', async () => {
    const settings = { ...noTranscripts, max_response_bytes: 100_000 }
    const { simulator, stubs } = await openAccount({ settings, traps: { everyRequest: 'huge' } })
    await expect(stubs()).rejects.toThrow('max_response_bytes')
    expect(simulator.requests.map(({ query }) => query[0]?.[1])).toEqual(['100', '50', '25', '12', '6', '3'])
  })

  test('lists what is no object, or has no id, has it rejected', async () => {
    const [
      {
        result: [first],
      },
    ] = [Object(answerIn('recordings-old'))]
    const { id: _, ...nameless } = first
    const server = await startScriptedServer(json({ result: ['text', nameless], next_page_token: '' }))
    const { stubs, stream } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    const found = await stubs({ from: 0, to: now })
    expect(found).toMatchObject([{ recordId: null }, { recordId: null, windowAt: expect.any(Number) }])
    for (const { record } of found)
      expect(stream.flatten(record, { version: null, ordinal: 1, final: false })).toMatchObject({ kind: 'reject' })
  })
})

describe('a server that refuses page tokens of our making', () => {
  const refusal = 'VoIPBIN refuses page tokens that it did not give'
  const filled = async (options: Parameters<typeof openAccount>[0]) => {
    const account = await openAccount({ settings: noTranscripts, ...options })
    const { account: content } = account.simulator
    content.generate({ from: now - 12 * hour, to: now, count: 130, plain: true })
    const ids = [
      ...content.generate({ from: now - 20 * hour, to: now - 12 * hour - 1, count: 165, plain: true }),
      // Ten of one microsecond around the edge of a page.
      ...Array.from({ length: 10 }, () => content.add({ tm_create: now - 20 * hour - 123_457 })),
      ...content.generate({ from: now - 30 * hour, to: now - 21 * hour, count: 90, plain: true }),
    ]
    content.generate({ from: now - 50 * hour, to: now - 31 * hour, count: 30, plain: true })
    return { ...account, ids, window: { from: now - 30 * hour, to: now - 12 * hour - 1 } }
  }

  test.each(['new', 'old'] as const)('is walked from the top by its own (%s times)', async (dialect) => {
    const { stubs, notices, ids, window } = await filled({ traps: { dialect, refusesTokens: 'made' } })
    for (const _ of [1, 2]) expect(idsOf(await stubs(window))).toEqual([...ids].sort())
    expect(notices).toEqual([expect.stringContaining(refusal)])
  })

  test('may give none on its last page', async () => {
    const { stubs, ids, window } = await filled({ traps: { refusesTokens: 'made', tokenOnLastPage: false } })
    expect(idsOf(await stubs(window))).toEqual([...ids].sort())
    expect(await stubs({ from: now - 60 * hour, to: now - 50 * hour - 1 })).toEqual([])
  })

  test('and gives the same one again is not walked for ever', async () => {
    const item = (second: number) => ({ id: `at ${second}`, tm_create: `2026-07-14 12:00:0${second}.000000` })
    const server = await startScriptedServer((response, seen) => {
      const token = new URL(seen.path, 'http://a').searchParams.get('page_token')
      if (token !== null && token !== '2026-07-14 12:00:05.000000') return json(null, 400)(response, seen)
      const result = token === null ? [item(6), item(5)] : [item(4), item(3)]
      return json({ result, next_page_token: '2026-07-14 12:00:05.000000' })(response, seen)
    })
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    await expect(stubs()).rejects.toThrow(/does not lead on|do not continue/)
    expect(server.seen.length).toBeLessThan(12)
  })

  test('in a dialect that it no longer writes is asked in the other one', async () => {
    const { simulator, stubs, notices, ids, window } = await filled({ traps: { dialect: 'old' } })
    await stubs(window)
    simulator.traps.dialect = 'new'
    simulator.traps.refusesTokens = 'form'
    expect(idsOf(await stubs(window))).toEqual([...ids].sort())
    expect(notices).toEqual([])
  })

  test('has a hundred of one microsecond fails', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps: { refusesTokens: 'made' } })
    for (let count = 0; count < 101; count += 1) simulator.account.add({ tm_create: now - hour })
    await expect(stubs()).rejects.toThrow('100 items share one microsecond')
  })

  test('once, and has taken them before, fails the window instead of being walked from the top', async () => {
    const { simulator, stubs, notices, ids, window } = await filled({})
    expect(idsOf(await stubs(window))).toEqual([...ids].sort())
    simulator.traps.faults = ['bare-400', 'bare-400']
    const before = simulator.requests.length
    await expect(stubs(window)).rejects.toThrow('refuses a page token')
    expect(simulator.requests.length - before).toBe(2)
    expect(idsOf(await stubs(window))).toEqual([...ids].sort())
    expect(notices).toEqual([])
  })

  test('and its own as well fails the window', async () => {
    const { simulator, stubs } = await filled({})
    simulator.onRequest = ({ query }) => {
      if (query.some(([name]) => name === 'page_token')) simulator.traps.faults = ['bare-400']
    }
    await expect(stubs()).rejects.toThrow(/refuses a page token \(400: no reason given/)
  })
})

test('a list of transcribes that was open is not closed by a bare 400: the window fails', async () => {
  // Without a token on its only page nothing is asked for behind one.
  const { simulator, stubs, notices } = await openAccount({ traps: { tokenOnLastPage: false } })
  const [id = ''] = simulator.account.generate({ ...yesterday, count: 3, plain: true })
  simulator.account.transcribe(id, { tm_create: now - hour, tm_update: now - hour }, [])
  const before = await stubs()
  const listed = simulator.requests.length
  simulator.onRequest = ({ path }) => {
    if (path.endsWith('/transcribes') && simulator.requests.length > listed) simulator.traps.everyRequest = 'bare-400'
  }
  await expect(stubs()).rejects.toThrow('transcribes: VoIPBIN refuses what it answered before (400: no reason given')
  simulator.onRequest = undefined
  simulator.traps.everyRequest = null
  expect(await stubs()).toEqual(before)
  expect(notices).toEqual([])
})

test('each list is asked in the form of its own tokens', async () => {
  const page = (path: string, created: string, token: string) => ({
    result: [{ id: path, tm_create: created, reference_type: 'recording', reference_id: 'a' }],
    next_page_token: token,
  })
  const server = await startScriptedServer((response, seen) => {
    const isRecordings = seen.path.startsWith('/recordings')
    const answer = isRecordings
      ? page('recording', '2026-07-14 12:00:00.000001', '2026-07-14 12:00:00.000001')
      : page('transcribe', '2026-07-14T12:00:00.5Z', '2026-07-14T12:00:00.500000Z')
    json(answer)(response, seen)
  })
  const { stubs } = await openAccount({ settings: { base_url: server.url.href } })
  await stubs()
  expect(server.seen.map(({ path }) => decodeURIComponent(path.replaceAll('+', ' ')))).toEqual([
    '/recordings?page_size=100',
    '/transcribes?page_size=100',
    '/transcribes?page_size=100&page_token=2026-07-14T12:00:00.500001Z',
    '/recordings?page_size=100&page_token=2026-07-14 12:00:00.000002',
  ])
})

describe('a page that does not begin with what the one before ended with', () => {
  test('is asked for again from further up, as a server that cuts our token to milliseconds has a hole there', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts, traps: { comparesMilliseconds: true } })
    const { account } = simulator
    const ids = [
      ...account.generate({ from: now - 20 * hour, to: now - hour, count: 98, plain: true }),
      // Four of one millisecond around the edge of the first page.
      ...[900, 700, 500, 300].map((micros) => account.add({ tm_create: now - 21 * hour + micros })),
      ...account.generate({ from: now - 23 * hour, to: now - 22 * hour, count: 30, plain: true }),
    ]
    expect(idsOf(await stubs())).toEqual([...ids].sort())
  })

  test('is one where something was deleted meanwhile', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const ids = simulator.account.generate({ ...yesterday, count: 250, plain: true })
    const atEdge = ids[150] ?? ''
    simulator.onRequest = () => {
      if (simulator.requests.length === 2) simulator.account.remove(atEdge)
    }
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    expect(simulator.requests).toHaveLength(5)
  })

  test('is no end: an empty answer in the middle fails the window', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 250, plain: true })
    simulator.onRequest = () => {
      if (simulator.requests.length === 2) simulator.traps.faults = ['no-items', 'no-items']
    }
    await expect(stubs()).rejects.toThrow('does not begin with what was listed there a moment ago')
  })
})

describe('a stub', () => {
  test('has the fingerprint and version of its recording, whatever dialect the answer is in', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const id = simulator.account.add({ tm_create: now - hour, tm_end: null, tm_update: null, status: 'recording' })
    const seen = []
    for (const dialect of ['new', 'old', 'mixed'] as const) {
      simulator.traps.dialect = dialect
      seen.push((await stubs())[0])
    }
    expect(seen[0]).toMatchObject({ recordId: id, parentId: null, windowAt: now - hour, version: now - hour })
    expect(new Set(seen.map((stub) => stub?.fingerprint)).size).toBe(1)
    simulator.account.change(id, { status: 'stopping', tm_update: null })
    expect((await stubs())[0]?.fingerprint).not.toBe(seen[0]?.fingerprint)
  })
})

describe('transcribes', () => {
  test('are listed once a window, and joined to their recordings', async () => {
    const { simulator, stubs, paths } = await openAccount()
    const ids = simulator.account.generate({ ...yesterday, count: 5, plain: true })
    const [first = '', , , , last = ''] = ids
    simulator.account.transcribe(first, { tm_create: now - 3 * minute, tm_update: now - 2 * minute }, [])
    simulator.account.transcribe(last, { tm_create: now - 9 * minute, tm_delete: now }, [])
    const found = new Map((await stubs()).map((stub) => [stub.recordId, stub]))
    expect(found.get(first)).toMatchObject({ joinedVersion: now - 2 * minute })
    expect(found.get(last)).toMatchObject({ joinedVersion: null })
    expect(Object(found.get(first)?.record).transcribes).toMatchObject([{ reference_id: first, tm_delete: null }])
    expect(paths()).toEqual(['/recordings', '/transcribes', '/transcribes', '/recordings'])
  })

  test('of recordings of another time name these; those of calls do not', async () => {
    const { simulator, stubs } = await openAccount()
    const old = simulator.account.add({ tm_create: now - 5 * day })
    simulator.account.transcribe(old, { tm_create: now - hour, tm_update: now - hour }, [])
    const call = simulator.account.callOf(old)?.id ?? ''
    simulator.account.transcribe(call, { reference_type: 'call', tm_create: now - hour }, [])
    expect(await stubs()).toEqual([
      {
        recordId: old,
        parentId: null,
        windowAt: null,
        version: null,
        joinedVersion: now - hour,
        fingerprint: null,
        record: undefined,
      },
    ])
  })

  test.each([400, 403, 404] as const)(
    'that are not open to the key (%i) cost the texts, and are told once',
    async (status) => {
      const { simulator, stubs, notices } = await openAccount({ traps: { refused: { transcribes: status } } })
      const ids = simulator.account.generate({ ...yesterday, count: 3, plain: true })
      await stubs()
      expect(idsOf(await stubs())).toEqual([...ids].sort())
      expect(notices).toEqual([
        'VoIPBIN does not let this key list transcribes, so texts stay as they are; give the key that right, or set transcripts: false',
      ])
    },
  )
})
