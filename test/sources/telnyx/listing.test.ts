import { describe, expect, test } from 'vitest'
import { ConfigError, SourceProtocolError, TransientError, WindowTooLarge } from '../../../src/domain/errors.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { bare, json, startScriptedServer } from '../../support/scripted-server.ts'
import { hour, idsOf, minute } from '../opened-source.ts'
import { now, openAccount, yesterday } from './open-account.ts'

const noTranscripts = { transcripts: false }

describe('a window', () => {
  test('holds everything created in it, edges included, as it is stored', async () => {
    const { simulator, context, list, stream } = await openAccount({ settings: noTranscripts })
    const { account } = simulator
    const [atStart, atEnd] = [yesterday.from, yesterday.to].map((at) => account.add({ created_at: formatInstant(at) }))
    account.add({ created_at: formatInstant(yesterday.from - 1) })
    const id = account.add({
      created_at: '2026-07-14T15:03:26.118Z',
      updated_at: '2026-07-14T16:00:00Z',
      from: '+15125550123',
      to: account.ownNumbers[0],
    })
    const pages = await list()
    expect(pages).toHaveLength(1)
    expect(pages[0]).toMatchObject({ total: 3, servedAt: now })
    const stubs = pages.flatMap(({ stubs }) => stubs)
    expect(idsOf(stubs)).toEqual([atStart, atEnd, id].sort())
    const stub = stubs.find(({ recordId }) => recordId === id)
    expect(stub).toEqual({
      recordId: id,
      parentId: null,
      windowAt: 1_784_041_406_118_000,
      version: 1_784_044_800_000_000,
      joinedVersion: null,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      record: {
        recording: { ...account.get(id), download_urls: { mp3: 'link' } },
      },
    })
    const joined = await stream.join?.(stub?.record, context)
    expect(joined).toEqual({ ...Object(stub?.record), own_numbers: [account.ownNumbers[0]] })
    const flattened = stream.flatten(joined, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ kind: 'rows', rows: [{ message_id: id, message_direction: 'inbound' }] })
  })

  test('of several pages is read in pages of 250, with the same bounds along the chain', async () => {
    const { simulator, list } = await openAccount({ settings: noTranscripts })
    const ids = simulator.account.generate({ ...yesterday, count: 600, plain: true })
    const pages = await list()
    expect(pages.map(({ stubs, total }) => [stubs.length, total])).toEqual([
      [250, 600],
      [250, 600],
      [100, 600],
    ])
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    const listings = simulator.requests.filter(({ path }) => path === '/v2/recordings')
    expect(listings.map(({ query }) => query)).toEqual(
      ['1', '2', '3'].map((number) => [
        ['filter[created_at][gte]', '2026-07-14T00:00:00Z'],
        ['filter[created_at][lte]', '2026-07-15T00:00:00Z'],
        ['page[number]', number],
        ['page[size]', '250'],
      ]),
    )
  })

  test('without anything in it is an empty page, with the vendor clock and its total', async () => {
    const { list, paths } = await openAccount({ settings: noTranscripts })
    expect(await list()).toMatchObject([{ stubs: [], total: 0, servedAt: now }])
    expect(paths()).toEqual(['/v2/recordings'])
  })

  test('asks with microseconds', async () => {
    const { simulator, list } = await openAccount({ settings: noTranscripts })
    await list({ from: yesterday.from + 1, to: yesterday.to - 1 })
    expect(simulator.requests[0]?.query.slice(0, 2)).toEqual([
      ['filter[created_at][gte]', '2026-07-14T00:00:00.000001Z'],
      ['filter[created_at][lte]', '2026-07-14T23:59:59.999999Z'],
    ])
  })

  test('holds every odd form, and each of them is a row or a reject', async () => {
    const { simulator, stubs, stream } = await openAccount({ settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 64 })
    const flattened = (await stubs()).map(({ record }) =>
      stream.flatten(record, { version: null, ordinal: 1, final: true }),
    )
    const kinds = flattened.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'rows')).toHaveLength(63)
    expect(flattened.find(({ kind }) => kind === 'reject')).toMatchObject({ reason: { code: 'missing-zone' } })
  })
})

describe('a window that cannot be proven as one', () => {
  test('is too large when its pages come in another order each time, and whole when it fits one page', async () => {
    const { simulator, stubs } = await openAccount({ traps: { shuffledPages: true }, settings: noTranscripts })
    simulator.account.generate({ from: yesterday.from, to: yesterday.from + hour, count: 400, plain: true })
    const few = simulator.account.generate({ from: now - hour, to: now - 1, count: 250, plain: true })
    await expect(stubs()).rejects.toThrow(WindowTooLarge)
    expect(idsOf(await stubs({ from: now - hour, to: now }))).toEqual([...few].sort())
  })

  test('is read once more when a deletion shifted its pages', async () => {
    const { simulator, stubs } = await openAccount({ traps: { deletions: 1 }, settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 300, plain: true })
    const found = idsOf(await stubs())
    expect(found).toEqual(expect.arrayContaining([...simulator.account.ids()]))
  })

  test.each(['stated', 'hidden'] as const)(
    'is no endless loop when the same page comes again (%s)',
    async (repeatedPage) => {
      const { simulator, stubs } = await openAccount({ traps: { repeatedPage }, settings: noTranscripts })
      simulator.account.generate({ ...yesterday, count: 700, plain: true })
      await expect(stubs()).rejects.toThrow(/page/)
      expect(simulator.requests.length).toBeLessThan(10)
    },
  )

  test('is too large when a page in the middle is empty: nothing is lost', async () => {
    const { simulator, stubs } = await openAccount({ traps: { emptySecondPage: true }, settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 700, plain: true })
    await expect(stubs()).rejects.toThrow(WindowTooLarge)
  })

  test('fails for good at the floor', async () => {
    const { simulator, stubs } = await openAccount({ traps: { totalOffBy: 1 }, settings: noTranscripts })
    const at = yesterday.from + hour
    simulator.account.add({ created_at: formatInstant(at) })
    await expect(stubs()).rejects.toThrow(WindowTooLarge)
    const failed = stubs({ from: at, to: at + 1 })
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(
      /connection front-desk: recordings created from 2026-07-14T01:00:00Z to 2026-07-14T01:00:00.000001Z: .*add up/,
    )
  })

  test('is halved after one request when it holds more than is read at once', async () => {
    const { simulator, stubs } = await openAccount()
    simulator.account.generate({ ...yesterday, count: 5001, plain: true })
    await expect(stubs()).rejects.toThrow(WindowTooLarge)
    expect(simulator.requests).toHaveLength(1)
  })
})

describe('an answer', () => {
  test('without meta is read to its end', async () => {
    const { simulator, list } = await openAccount({ traps: { missingMeta: true }, settings: noTranscripts })
    const ids = simulator.account.generate({ ...yesterday, count: 260, plain: true })
    const pages = await list()
    expect(pages.map(({ stubs, total }) => [stubs.length, total])).toEqual([
      [250, null],
      [10, null],
      [0, null],
    ])
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
  })

  test('without meta that holds fewer than were asked for is no end', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => `11111111-1111-4111-8111-00000000000${letter}`)
    const server = await startScriptedServer((response, seen) => {
      const first = (Number(new URL(seen.path, 'http://api').searchParams.get('page[number]')) - 1) * 2
      json({ data: ids.slice(first, first + 2).map((id) => ({ id })) })(response, seen)
    })
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    expect(idsOf(await stubs())).toEqual(ids)
  })

  test('without the number of its page is that of the page that was asked for', async () => {
    const { simulator, stubs } = await openAccount({ traps: { missingPageNumber: true }, settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 260, plain: true })
    expect(await stubs()).toHaveLength(260)
  })

  test('with a recording of another time shows that a filter is not obeyed', async () => {
    const { simulator, stubs } = await openAccount({ traps: { strayRecording: true }, settings: noTranscripts })
    simulator.account.generate({ ...yesterday, count: 3, plain: true })
    const failed = stubs()
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(/holds [0-9a-f-]{36}, created 2026-07-13T00:00:00Z, which was not asked for/)
  })

  test('may show instants that are rounded to seconds', async () => {
    const recording = { id: '11111111-1111-4111-8111-000000000001', created_at: '2026-07-14T12:00:00Z' }
    const server = await startScriptedServer(json({ data: [recording], meta: { total_results: 1 } }))
    const { stubs } = await openAccount({ settings: { ...noTranscripts, base_url: server.url.href } })
    const at = yesterday.from + 12 * hour
    expect(await stubs({ from: at + 999_999, to: at + hour })).toHaveLength(1)
    expect(await stubs({ from: at - hour, to: at - 1_000_000 })).toHaveLength(1)
    await expect(stubs({ from: at + 1_000_001, to: at + hour })).rejects.toThrow(SourceProtocolError)
    await expect(stubs({ from: at - hour, to: at - 1_000_001 })).rejects.toThrow(SourceProtocolError)
  })

  test('that is larger than may be held is asked for in smaller pages', async () => {
    const settings = { ...noTranscripts, max_response_bytes: 150_000 }
    const { simulator, stubs } = await openAccount({ settings })
    const ids = simulator.account.generate({ ...yesterday, count: 250, plain: true })
    expect(idsOf(await stubs())).toEqual([...ids].sort())
    const listings = simulator.requests.filter(({ path }) => path === '/v2/recordings')
    expect(listings.map(({ query }) => query.slice(2).map(([, value]) => value))).toEqual([
      ['1', '250'],
      ['1', '125'],
      ['2', '125'],
    ])
  })

  test('whose connection_id is a number keeps all its digits', async () => {
    const { simulator, stubs, stream } = await openAccount({
      traps: { connectionIdAsNumber: true },
      settings: noTranscripts,
    })
    simulator.account.add({ created_at: formatInstant(now - hour), connection_id: '1752000000000000621' })
    const [stub] = await stubs()
    expect(stream.flatten(stub?.record, { version: null, ordinal: 1, final: false })).toMatchObject({
      rows: [{ map_keys: { telnyx_connection_id: '1752000000000000621' } }],
    })
  })
})

describe('the fingerprint', () => {
  test('stays while only links change, and changes with the recording', async () => {
    const { simulator, stubs } = await openAccount({ settings: noTranscripts })
    const id = simulator.account.add({ created_at: formatInstant(now - hour), updated_at: formatInstant(now - hour) })
    const [before] = await stubs()
    const [again] = await stubs()
    expect(again?.fingerprint).toBe(before?.fingerprint)
    simulator.account.change(id, { status: 'processing', updated_at: formatInstant(now - hour) })
    const [after] = await stubs()
    expect(after?.fingerprint).not.toBe(before?.fingerprint)
    expect(after?.version).toBe(before?.version)
  })

  test('is there of a recording whose time cannot be read, which flatten rejects', async () => {
    const { simulator, stubs, stream } = await openAccount({ settings: noTranscripts })
    simulator.account.add({ created_at: '2026-07-14T12:00:00' })
    const [stub] = await stubs()
    expect(stub).toMatchObject({ windowAt: null, fingerprint: expect.any(String) })
    expect(stream.flatten(stub?.record, { version: null, ordinal: 1, final: false })).toMatchObject({ kind: 'reject' })
  })
})

describe('transcriptions', () => {
  const completed = (at: number) => ({ created_at: formatInstant(at), updated_at: formatInstant(at + minute) })

  test.each(['pages', 'token', 'token-elsewhere'] as const)(
    'are joined to the recordings of their window (%s)',
    async (transcriptionMeta) => {
      const { simulator, stubs, stream } = await openAccount({ traps: { transcriptionMeta } })
      const ids = simulator.account.generate({ ...yesterday, count: 300, plain: true })
      for (const id of ids) simulator.account.transcribe(id, { transcription_text: `text of ${id}` })
      const found = await stubs()
      expect(found).toHaveLength(300)
      for (const { record, recordId, joinedVersion, version } of found) {
        const flattened = stream.flatten(record, { version: null, ordinal: 1, final: true })
        expect(flattened).toMatchObject({ rows: [{ message_text: `text of ${recordId}` }] })
        expect(joinedVersion).toBe(version)
      }
      const listings = simulator.requests.filter(({ path }) => path === '/v2/recording_transcriptions')
      expect(listings).toHaveLength(2)
      expect(listings[1]?.query.map(([name]) => name)).toContain(
        transcriptionMeta === 'pages' ? 'page[number]' : 'page[after]',
      )
      for (const { query, host } of listings) {
        expect(host).toBe('api')
        expect(query).toEqual(
          expect.arrayContaining([
            ['filter[created_at][gte]', '2026-07-14T00:00:00Z'],
            ['filter[created_at][lte]', '2026-07-15T01:00:00Z'],
          ]),
        )
      }
    },
  )

  test.each([
    { cursors: { after: null, before: null }, next: null, previous: null },
    { cursors: { after: '' } },
    { next: '' },
    { previous: null },
  ])('that speak of page tokens, and give none, are all there are: %j', async (meta) => {
    const server = await startScriptedServer((response, seen) =>
      json(
        seen.path.startsWith('/recordings?')
          ? { data: [], meta: { total_results: 0, total_pages: 0 } }
          : { data: [{ id: 'x', recording_id: 'y', created_at: formatInstant(now - hour) }], meta },
      )(response, seen),
    )
    const { stubs } = await openAccount({ settings: { base_url: server.url.href } })
    expect(await stubs()).toMatchObject([{ recordId: 'y' }])
    expect(server.seen).toHaveLength(2)
  })

  test('whose texts are too much to be held halve the window, unless it is a minute', async () => {
    const { simulator, stubs } = await openAccount()
    const id = simulator.account.add({ created_at: formatInstant(yesterday.from) })
    const transcription_text = 'x'.repeat(900_000)
    for (let n = 0; n < 20; n += 1) simulator.account.transcribe(id, { transcription_text })
    const failed = stubs({ from: yesterday.from, to: yesterday.from + minute + 1 })
    await expect(failed).rejects.toThrow(WindowTooLarge)
    await expect(failed).rejects.toThrow(/recording transcriptions created from .* more than 16000000 characters/)
    const [stub] = await stubs({ from: yesterday.from, to: yesterday.from + minute })
    expect(stub).toMatchObject({ recordId: id, record: { transcripts: Array.from({ length: 20 }, () => ({})) } })
  })

  test('too long to be held are read by the id of their recording, in pages of few', async () => {
    const { simulator, list, fetch } = await openAccount()
    const at = yesterday.from + hour
    const [long, short] = [at, at + minute].map((created) =>
      simulator.account.add({ created_at: formatInstant(created) }),
    )
    const transcription_text = 'x'.repeat(5_000_000)
    simulator.account.transcribe(long ?? '', { ...completed(at + minute), transcription_text })
    simulator.account.transcribe(long ?? '', { ...completed(at + minute), transcription_text })
    simulator.account.transcribe(short ?? '', completed(at + minute))
    const sizes = () =>
      simulator.requests
        .filter(({ path }) => path === '/v2/recording_transcriptions')
        .map(({ query }) => Number(query.find(([name]) => name === 'page[size]')?.[1]))
    const window = { from: yesterday.from, to: yesterday.from + 2 * hour }
    const stubs = (await list(window)).flatMap((page) => page.stubs)
    expect(stubs).toMatchObject([
      { recordId: short, record: { transcripts: [{}] } },
      { recordId: long, record: undefined, windowAt: at, joinedVersion: at + 2 * minute },
    ])
    expect(sizes().slice(0, 8)).toEqual([250, 125, 62, 31, 15, 7, 3, 1])
    // The next listing does not begin with what was too large, and goes back to it.
    const asked = sizes().length
    await list(window)
    expect(sizes()[asked]).toBe(2)
    const [fetched] = await fetch(long ?? '')
    expect(fetched).toMatchObject({
      stub: { record: { transcripts: [{ transcription_text }, { transcription_text }] } },
    })
  })

  test('of recordings that are not in the window cost no room for their texts', async () => {
    const { simulator, stubs } = await openAccount()
    const [listed, other] = [yesterday.from, yesterday.from - hour].map((at) =>
      simulator.account.add({ created_at: formatInstant(at) }),
    )
    const changed = yesterday.from + 3 * minute
    const long = { ...completed(changed - minute), transcription_text: 'x'.repeat(900_000) }
    for (let n = 0; n < 20; n += 1) simulator.account.transcribe(other ?? '', long)
    simulator.account.transcribe(listed ?? '', { transcription_text: 'of the window' })
    expect(await stubs({ from: yesterday.from, to: yesterday.from + hour })).toMatchObject([
      { recordId: listed, record: { transcripts: [{ transcription_text: 'of the window' }] } },
      { recordId: other, record: undefined, joinedVersion: changed },
    ])
  })

  test('of a recording outside the window name it, for whoever knows what is stored', async () => {
    const { simulator, list } = await openAccount()
    const id = simulator.account.add({ created_at: formatInstant(yesterday.from - hour) })
    simulator.account.transcribe(id, completed(yesterday.from + hour))
    const end = yesterday.to - 10 * hour
    const later = simulator.account.add({ created_at: formatInstant(end + minute) })
    simulator.account.transcribe(later, completed(end + 2 * minute))
    expect(await list({ from: yesterday.from, to: end })).toMatchObject([
      { stubs: [], total: 0 },
      {
        total: 0,
        stubs: [
          {
            recordId: id,
            windowAt: null,
            version: null,
            fingerprint: null,
            record: undefined,
            joinedVersion: yesterday.from + hour + minute,
          },
        ],
      },
    ])
  })

  test('that are not open to the key cost the texts, and are told once', async () => {
    const { simulator, list, notices, stream } = await openAccount({
      traps: { refused: { recording_transcriptions: 403 } },
    })
    simulator.account.generate({ ...yesterday, count: 2, plain: true })
    const [page] = await list()
    await list()
    expect(page?.stubs).toHaveLength(2)
    const [stub] = page?.stubs ?? []
    const flattened = stream.flatten(stub?.record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_text: undefined }] })
    expect(notices).toEqual([
      'Telnyx does not let this key list recording transcriptions, so texts stay as they are; give the key that right, or set transcripts: false',
    ])
  })

  test('of a busy time beyond the window are halved on their own', async () => {
    const { simulator, stubs } = await openAccount({ settings: { max_response_bytes: 100_000_000 } })
    const [id = ''] = simulator.account.generate({
      from: yesterday.from,
      to: yesterday.from + 1,
      count: 1,
      plain: true,
    })
    for (let at = 0; at < 5100; at += 1) {
      simulator.account.transcribe(id, {
        created_at: formatInstant(yesterday.from + at * 500_000),
        transcription_text: 'x',
      })
    }
    const [stub] = await stubs({ from: yesterday.from, to: yesterday.from + minute })
    expect(stub).toMatchObject({ recordId: id, joinedVersion: yesterday.from + 5099 * 500_000 })
  })
})

describe("the account's own numbers", () => {
  const paths = (found: readonly string[]) => found.filter((path) => path === '/v2/phone_numbers').length

  test('are asked for once, and only when a record is new', async () => {
    const account = await openAccount({ settings: noTranscripts })
    account.simulator.account.generate({ ...yesterday, count: 300, plain: true })
    await account.list()
    expect(paths(account.paths())).toBe(0)
    const [record] = await account.joined()
    await account.joined()
    expect(paths(account.paths())).toBe(1)
    expect(record).toMatchObject({ own_numbers: [expect.stringMatching(/^\+1512555/)] })
  })

  test('are not asked for when the operator lists them', async () => {
    const account = await openAccount({ settings: { ...noTranscripts, own_numbers: ['+15125559001'] } })
    account.simulator.account.generate({ ...yesterday, count: 2, plain: true })
    const [record] = await account.joined()
    expect(paths(account.paths())).toBe(0)
    expect(record).not.toHaveProperty('own_numbers')
  })

  test('that are not open to the key leave directions open, and are told once', async () => {
    const account = await openAccount({ settings: noTranscripts, traps: { refused: { phone_numbers: 403 } } })
    account.simulator.account.generate({ ...yesterday, count: 2, plain: true })
    const [record] = await account.joined()
    await account.joined()
    const flattened = account.stream.flatten(record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_direction: undefined }] })
    expect(account.notices).toEqual([
      'Telnyx does not let this key list phone numbers, so directions stay as they are; give the key that right, or list own_numbers',
    ])
    expect(paths(account.paths())).toBe(1)
  })

  test('whose list cannot be read leave directions open, and are told once', async () => {
    const server = await startScriptedServer((response, seen) =>
      json(seen.path.startsWith('/phone_numbers') ? { data: 'none' } : { data: [] })(response, seen),
    )
    const { stream, context, notices } = await openAccount({ settings: { base_url: server.url.href } })
    const record = { recording: { id: 'a', from: '+15125550123', to: '+15125550124' } }
    expect(await stream.join?.(record, context)).toEqual(record)
    expect(await stream.join?.(record, context)).toEqual(record)
    expect(server.seen).toHaveLength(1)
    expect(notices).toEqual([
      "The list of the account's phone numbers cannot be read, so directions stay as they are; list own_numbers if this " +
        'does not pass: connection front-desk: phone numbers: the answer has no list in data',
    ])
  })

  test.each([
    [503, TransientError],
    [401, ConfigError],
  ])('whose list is answered with %i are asked for again', async (status, expected) => {
    const refused = bare(status, { 'X-Should-Retry': 'false' })
    const server = await startScriptedServer(
      refused,
      json({ data: [{ phone_number: '+15125550124' }] }),
      json({ data: [] }),
    )
    const { stream, context } = await openAccount({ settings: { base_url: server.url.href } })
    const record = { recording: { id: 'a', from: '+15125550123', to: '+15125550124' } }
    await expect(stream.join?.(record, context)).rejects.toThrow(expected)
    expect(await stream.join?.(record, context)).toEqual({ ...record, own_numbers: ['+15125550124'] })
  })
})
