import { describe, expect, test } from 'vitest'
import { SourceProtocolError, TransientError } from '../../../src/domain/errors.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { bare, json, raw, type Script, startScriptedServer } from '../../support/scripted-server.ts'
import { day, hour, minute } from '../opened-source.ts'
import { now, openAccount } from './open-account.ts'

const created = formatInstant(now - 2 * hour)

describe('a recording by its id', () => {
  test('comes with everything that is joined to it', async () => {
    const { simulator, fetch } = await openAccount()
    const { account } = simulator
    const id = account.add({
      created_at: created,
      updated_at: created,
      from: '+15125550123',
      to: account.ownNumbers[0],
    })
    const transcriptId = account.transcribe(id, {
      created_at: formatInstant(now - hour),
      updated_at: formatInstant(now - minute),
      transcription_text: 'Hello',
    })
    const [fetched] = await fetch(id)
    expect(fetched).toEqual({
      kind: 'record',
      readAt: expect.any(Number),
      stub: {
        recordId: id,
        parentId: null,
        windowAt: now - 2 * hour,
        version: now - minute,
        joinedVersion: now - minute,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        record: {
          recording: { ...account.get(id), download_urls: { mp3: 'link' } },
          transcripts: [
            {
              id: transcriptId,
              record_type: 'recording_transcription',
              recording_id: id,
              status: 'completed',
              transcription_text: 'Hello',
              duration_millis: account.get(id)?.duration_millis,
              created_at: formatInstant(now - hour),
              updated_at: formatInstant(now - minute),
            },
          ],
          own_numbers: [account.ownNumbers[0]],
        },
      },
    })
  })

  test('says that it has no transcription when there is none', async () => {
    const { simulator, fetch, stream } = await openAccount()
    const [fetched] = await fetch(simulator.account.add({ created_at: created }))
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    const flattened = stream.flatten(fetched.stub.record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_text: null }] })
  })

  test('has the fingerprint that its listing has', async () => {
    const { simulator, fetch, stubs } = await openAccount()
    const [fetched] = await fetch(simulator.account.add({ created_at: created }))
    const [listed] = await stubs()
    expect(fetched).toMatchObject({ stub: { fingerprint: listed?.fingerprint } })
  })

  test('is gone when Telnyx says so, and only then', async () => {
    const { simulator, fetch } = await openAccount()
    const [gone, closed, there] = [1, 2, 3].map(() => simulator.account.add({ created_at: created }))
    simulator.account.remove(gone ?? '')
    simulator.traps.refused = { [`recordings/${closed}`]: 403 }
    expect(await fetch(gone ?? '', closed ?? '', there ?? '')).toMatchObject([
      { kind: 'gone', recordId: gone, readAt: expect.any(Number) },
      { kind: 'unavailable', recordId: closed, detail: expect.stringContaining('Telnyx answers 403') },
      { kind: 'record', stub: { recordId: there } },
    ])
  })

  test('is not gone because something else than Telnyx answers 404', async () => {
    const proxy = await startScriptedServer(json({ message: 'no route' }, 404))
    const { fetch } = await openAccount({ settings: { base_url: proxy.url.href } })
    expect(await fetch('11111111-1111-4111-8111-000000000001')).toMatchObject([
      { kind: 'unavailable', detail: 'Telnyx answers 404: without a word of its own' },
    ])
  })

  test('that is another one than was asked for is not taken for it', async () => {
    const wrong = await startScriptedServer(json({ data: { id: 'another' } }))
    const { fetch } = await openAccount({ settings: { base_url: wrong.url.href } })
    expect(await fetch('11111111-1111-4111-8111-000000000001')).toMatchObject([
      {
        kind: 'unavailable',
        detail: 'connection front-desk: recording 11111111-1111-4111-8111-000000000001: the answer is of another',
      },
    ])
  })

  test.each<[string, Script, string]>([
    ['410', json({ errors: [{ code: '10005', title: 'Gone' }] }, 410), '(410: 10005, Gone)'],
    ['422', bare(422), '(422)'],
    ['the page of a firewall', raw('<html>blocked</html>', 404), 'an HTML page (status 404)'],
    ['JSON without a resource', json({ data: [] }), 'the answer has no resource in data'],
    ['500 for ever', bare(500, { 'X-Should-Retry': 'false' }), 'tried once, at last 500'],
  ])('costs itself, and not the next one, when it is answered with %s', async (_, script, detail) => {
    const server = await startScriptedServer((response, seen) =>
      seen.path.endsWith('/bad') ? script(response, seen) : json({ data: { id: 'good' } })(response, seen),
    )
    const settings = { base_url: server.url.href, transcripts: false }
    const { fetch } = await openAccount({ settings })
    expect(await fetch('bad', 'good')).toMatchObject([
      { kind: 'unavailable', recordId: 'bad', detail: expect.stringContaining(detail) },
      { kind: 'record', stub: { recordId: 'good' } },
    ])
  })

  test('shows an outage when the next one fails, too', async () => {
    const server = await startScriptedServer(bare(503, { 'X-Should-Retry': 'false' }))
    const { fetch } = await openAccount({ settings: { base_url: server.url.href } })
    await expect(fetch('one', 'two', 'three')).rejects.toThrow(TransientError)
    expect(server.seen.map(({ path }) => path)).toEqual(['/recordings/one', '/recordings/two'])
  })

  test('whose transcriptions are not filtered by it keeps the text that is stored', async () => {
    const id = '11111111-1111-4111-8111-000000000001'
    const unfiltered = await startScriptedServer(
      json({ data: { id, created_at: created } }),
      json({ data: [{ id: 'x', recording_id: 'another', status: 'completed', transcription_text: 'of another' }] }),
    )
    const { fetch } = await openAccount({ settings: { base_url: unfiltered.url.href } })
    const [fetched] = await fetch(id)
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    expect(fetched.stub.record).toEqual({ recording: { id, created_at: created } })
  })

  test('is unavailable without a request when no address can be made of it', async () => {
    const { fetch, paths } = await openAccount()
    expect(await fetch('..', '.', '')).toMatchObject([
      { kind: 'unavailable', recordId: '..' },
      { kind: 'unavailable', recordId: '.' },
      { kind: 'unavailable', recordId: '' },
    ])
    expect(paths()).toEqual([])
  })

  test('is read although its transcriptions are not open to the key', async () => {
    const { simulator, fetch, notices } = await openAccount({
      traps: { refused: { recording_transcriptions: 404 } },
    })
    const ids = [1, 2].map(() => simulator.account.add({ created_at: created }))
    const fetched = await fetch(...ids)
    expect(fetched).toMatchObject([{ kind: 'record' }, { kind: 'record' }])
    expect(JSON.stringify(fetched)).not.toContain('"transcripts"')
    expect(notices).toHaveLength(1)
  })
})

describe('call events', () => {
  const settings = { call_events: true, own_numbers: ['+15125550100'] }
  const open = { created_at: created, from: '+15125550123', to: '+15125550124' }

  test('are asked for where direction is open, and those of other calls are left out', async () => {
    const { simulator, fetch, stream } = await openAccount({ settings, traps: { strayCallEvents: true } })
    const { account } = simulator
    const id = account.add({ ...open, to: account.ownNumbers[1] })
    const recording = account.get(id)
    account.addCallEvent({ call_leg_id: recording?.call_leg_id, call_session_id: recording?.call_session_id })
    const [fetched] = await fetch(id)
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    expect(fetched.stub.record).toMatchObject({
      events: [{ call_leg_id: recording?.call_leg_id, direction: 'incoming', from: '+15125550123' }],
    })
    const flattened = stream.flatten(fetched.stub.record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_direction: 'inbound' }] })
    expect(flattened).not.toHaveProperty('followUp')
    const asked = simulator.requests.find(({ path }) => path === '/v2/call_events')
    expect(asked?.query.slice(0, 2)).toEqual([
      ['filter[application_session_id]', recording?.call_session_id],
      ['filter[name]', 'call.initiated'],
    ])
  })

  test('are asked for by leg when there is no session, and not at all without either', async () => {
    const { simulator, fetch } = await openAccount({ settings })
    const leg = '22222222-2222-11ee-9074-020000000001'
    const byLeg = simulator.account.add({ ...open, call_session_id: null, call_leg_id: leg })
    const byNothing = simulator.account.add({ ...open, call_session_id: null, call_leg_id: undefined })
    expect(await fetch(byLeg, byNothing)).toMatchObject([
      { stub: { record: { events: [] } } },
      { stub: { record: { events: [] } } },
    ])
    const asked = simulator.requests.filter(({ path }) => path === '/v2/call_events')
    expect(asked.map(({ query }) => query[0])).toEqual([['filter[leg_id]', leg]])
  })

  test('are not asked for while they may still be late', async () => {
    const clock = () => Date.now() * 1000
    const { simulator, fetch, stream, paths } = await openAccount({ settings, clock })
    const createdAt = clock() - 5 * minute
    const [fetched] = await fetch(simulator.account.add({ ...open, created_at: formatInstant(createdAt) }))
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    expect(paths()).not.toContain('/v2/call_events')
    const flattened = stream.flatten(fetched.stub.record, { version: null, ordinal: 1, final: false })
    const [at] = [fetched.stub.windowAt ?? 0]
    expect(flattened).toMatchObject({ followUp: { reason: 'direction-unknown', notBefore: at + 15 * minute } })
  })

  test('make a listed recording one that is read by its id, once they can be there', async () => {
    const { simulator, fetch, joined, stream, context } = await openAccount({ settings })
    const { account } = simulator
    const id = account.add(open)
    expect(await joined()).toEqual([undefined])
    const [fetched] = await fetch(id)
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    expect(fetched.stub.record).toMatchObject({ events: [] })
    expect(await stream.join?.(fetched.stub.record, context)).toEqual(fetched.stub.record)
    const flattened = stream.flatten(fetched.stub.record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_direction: null }] })
    expect(flattened).not.toHaveProperty('followUp')
  })

  test('of a young recording are waited for: it is no use to read it by its id yet', async () => {
    const clock = () => Date.now() * 1000
    const { simulator, joined, stream } = await openAccount({ settings, clock })
    const at = clock() - 5 * minute
    simulator.account.add({ ...open, created_at: formatInstant(at) })
    const [record] = await joined({ from: at - minute, to: at + minute })
    const flattened = stream.flatten(record, { version: null, ordinal: 1, final: false })
    expect(flattened).toMatchObject({ rows: [{ message_direction: undefined }] })
    expect(flattened).toMatchObject({ followUp: { reason: 'direction-unknown', notBefore: at + 15 * minute } })
  })

  test('are no reason to read by its id what leaves nothing open, has no id, or has one that is no address', async () => {
    const { simulator, joined, stream, context } = await openAccount({ settings })
    simulator.account.add({ ...open, to: '+15125550100' })
    expect(await joined()).toMatchObject([{ recording: { to: '+15125550100' } }])
    for (const recording of [open, { ...open, id: '..' }]) {
      expect(await stream.join?.({ recording }, context)).toEqual({ recording })
    }
    const off = await openAccount({ settings: { own_numbers: ['+15125550100'] } })
    off.simulator.account.add(open)
    expect(await off.joined()).toMatchObject([{ recording: { to: '+15125550124' } }])
  })

  test('that are not open to the key are asked for once, told once, and clear nothing', async () => {
    const { simulator, fetch, joined, stream, notices, paths } = await openAccount({
      settings,
      traps: { refused: { call_events: 403 } },
    })
    const ids = [1, 2].map(() => simulator.account.add({ ...open, from: null }))
    expect(await joined()).toEqual([undefined, undefined])
    const [[fetched]] = [await fetch(...ids.slice(0, 1)), await fetch(...ids.slice(1))]
    const listed = await joined()
    expect(paths().filter((path) => path === '/v2/call_events')).toHaveLength(1)
    expect(notices).toEqual([expect.stringContaining('Telnyx does not let this key list call events')])
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    for (const record of [fetched.stub.record, ...listed]) {
      expect(stream.flatten(record, { version: null, ordinal: 1, final: true })).toMatchObject({
        rows: [{ phone_number: undefined, message_direction: undefined, number_dialed_by_user: '+15125550124' }],
      })
    }
  })

  test('are not asked for when nothing is open, or when they are switched off', async () => {
    const asking = await openAccount({ settings })
    const known = asking.simulator.account.add({ ...open, to: '+15125550100' })
    await asking.fetch(known)
    expect(asking.paths()).not.toContain('/v2/call_events')
    const off = await openAccount({ settings: { own_numbers: ['+15125550100'] } })
    await off.fetch(off.simulator.account.add(open))
    expect(off.paths()).not.toContain('/v2/call_events')
  })

  test('give the numbers that the recording lacks, and the direction that follows from them', async () => {
    const { simulator, fetch, stream } = await openAccount({ settings: { call_events: true } })
    const { account } = simulator
    const id = account.add({ ...open, from: undefined, to: undefined })
    const recording = account.get(id)
    account.addCallEvent({
      call_leg_id: recording?.call_leg_id,
      call_session_id: recording?.call_session_id,
      metadata: { direction: 'outgoing', from: account.ownNumbers[2], to: '+15125550123' },
    })
    const [fetched] = await fetch(id)
    if (fetched?.kind !== 'record') throw new Error('it was not fetched')
    expect(fetched.stub.record).toMatchObject({ own_numbers: [account.ownNumbers[2]] })
    expect(stream.flatten(fetched.stub.record, { version: null, ordinal: 1, final: false })).toMatchObject({
      rows: [
        {
          phone_number: account.ownNumbers[2],
          number_dialed_by_user: '+15125550123',
          message_direction: 'outbound',
        },
      ],
    })
  })
})

test('counts what is created in the closed interval', async () => {
  const { simulator, stream, context } = await openAccount()
  simulator.account.add({ created_at: formatInstant(now - day) })
  simulator.account.add({ created_at: formatInstant(now) })
  expect(await stream.count?.({ from: now - day, to: now }, context)).toBe(2)
  simulator.traps.missingMeta = true
  await expect(stream.count?.({ from: now - day, to: now }, context)).rejects.toThrow(SourceProtocolError)
})

test('estimates with one request: a page for each window at least, for its transcriptions as well', async () => {
  const { simulator, stream, context, paths } = await openAccount({ settings: { requests_per_second: 50 } })
  simulator.account.generate({ from: now - 3 * day, to: now, count: 600, plain: true })
  const windows = [1, 2, 3].map((days) => ({ from: now - (4 - days) * day, to: now - (3 - days) * day }))
  expect(await stream.estimate?.(windows, context)).toEqual({ records: 600, requests: 12, requestsPerSecond: 50 })
  expect(paths()).toHaveLength(1)
})

describe('a check', () => {
  test('says how many recordings there are', async () => {
    const { simulator, source, context } = await openAccount()
    simulator.account.generate({ from: now - day, to: now, count: 1234, plain: true })
    expect(await source.check(context)).toBe('reached, 1,234 recordings')
    expect(simulator.requests).toMatchObject([{ path: '/v2/recordings', query: [['page[size]', '1']] }])
    expect(source.requests()).toBe(1)
  })

  test('counts one recording as one, and reaches an account that does not count', async () => {
    const { simulator, source, context } = await openAccount()
    simulator.account.add({ created_at: created })
    expect(await source.check(context)).toBe('reached, 1 recording')
    simulator.traps.missingMeta = true
    expect(await source.check(context)).toBe('reached')
  })
})

describe('a playable link', () => {
  const resolve = async (account: Awaited<ReturnType<typeof openAccount>>, recordId: string) => {
    const { source, context } = account
    if (source.resolve === undefined) throw new Error('nothing resolves')
    return source.resolve({ recordId, parentId: null, messageId: recordId }, context)
  }

  test('is fresh, dies when it says so, and plays without the key', async () => {
    const account = await openAccount()
    const link = await resolve(account, account.simulator.account.add({ created_at: created }))
    expect(link).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*\.mp3\?.*X-Amz-Signature=/),
      expiresAt: now + 600_000_000,
      mediaType: 'audio/mpeg',
    })
    expect((await fetch(link.url)).status).toBe(200)
  })

  test('is of the wav when there is no mp3', async () => {
    const account = await openAccount({ traps: { links: 'wav-only' } })
    const link = await resolve(account, account.simulator.account.add({ created_at: created }))
    expect(link).toMatchObject({ url: expect.stringContaining('.wav?'), mediaType: 'audio/wav' })
  })

  test.each([
    ['own-storage', /own storage/],
    ['missing', /no link to its audio/],
  ] as const)('is none when the audio is %s', async (links, problem) => {
    const account = await openAccount({ traps: { links } })
    const failed = resolve(account, account.simulator.account.add({ created_at: created }))
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(problem)
  })

  test('is none of a recording that is gone', async () => {
    const account = await openAccount()
    const id = account.simulator.account.add({ created_at: created })
    account.simulator.account.remove(id)
    await expect(resolve(account, id)).rejects.toThrow(`connection front-desk: recording ${id} is gone`)
  })
})
