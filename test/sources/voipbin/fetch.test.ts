import { describe, expect, test } from 'vitest'
import { ConfigError, SourceProtocolError, TransientError } from '../../../src/domain/errors.ts'
import type { Flattened } from '../../../src/domain/flattened.ts'
import { Secret } from '../../../src/domain/secret.ts'
import { json, raw, startScriptedServer } from '../../support/scripted-server.ts'
import { day, hour, minute, second } from '../opened-source.ts'
import { answerIn, inbound } from './fixtures.ts'
import { accessKey, now, type OpenAccount, openAccount } from './open-account.ts'

const errors = Object(answerIn('errors'))

const context = { version: null, ordinal: 1, final: false }

/** What becomes of a recording that is read by its id. */
const flattenedOf = async ({ fetch, stream }: OpenAccount, id: string): Promise<Flattened> => {
  const [fetched] = await fetch(id)
  if (fetched?.kind !== 'record') throw new Error(`it was not fetched: ${JSON.stringify(fetched)}`)
  return stream.flatten(fetched.stub.record, context)
}

const ended = { tm_create: now - hour, tm_start: now - hour, tm_end: now - 30 * minute }

describe('a recording by its id', () => {
  test('comes with its call and its transcript', async () => {
    const account = await openAccount()
    const id = account.simulator.account.add(ended)
    const call = account.simulator.account.callOf(id)
    const transcribe = account.simulator.account.transcribe(id, { tm_create: now - minute, tm_update: now - minute }, [
      { message: 'Yes.', offset_ms: 2000 },
      { message: 'Is it open?', offset_ms: 1000 },
    ])
    const [fetched] = await account.fetch(id)
    expect(fetched).toMatchObject({
      kind: 'record',
      stub: {
        recordId: id,
        windowAt: now - hour,
        joinedVersion: now - minute,
        record: { recording: { id }, call: { id: call?.id }, transcript: { transcribe_id: transcribe } },
      },
    })
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ message_text: 'Is it open?\nYes.', phone_number: call?.source.target }],
    })
    expect(account.paths().slice(0, 6)).toEqual([
      `/recordings/${id}`,
      `/recordings/${id}/transcribes`,
      `/recordings/${id}/transcribes`,
      `/calls/${call?.id}`,
      `/recordings/${id}/transcripts`,
      `/recordings/${id}/transcripts`,
    ])
  })

  test('has the fingerprint that its listing has', async () => {
    const { simulator, fetch, stubs } = await openAccount({ traps: { dialect: 'mixed' } })
    const [fetched] = await fetch(simulator.account.add(ended))
    expect(fetched).toMatchObject({ stub: { fingerprint: (await stubs())[0]?.fingerprint } })
  })

  test('that has not ended costs one request, until waiting is over', async () => {
    let clock = now
    const { simulator, fetch, paths } = await openAccount({ clock: () => clock })
    const id = simulator.account.add({ ...ended, status: 'initiating', tm_start: null, tm_end: null })
    await fetch(id)
    expect(paths()).toEqual([`/recordings/${id}`])
    clock = now + 7 * day
    const [fetched] = await fetch(id)
    expect(fetched).toMatchObject({ stub: { record: { call: { direction: expect.any(String) } } } })
  })

  test('is gone when VoIPBIN says so, and only then', async () => {
    const { simulator, fetch } = await openAccount()
    const [gone, closed, there] = [1, 2, 3].map(() => simulator.account.add(ended))
    simulator.account.remove(gone ?? '')
    simulator.traps.refused = { [`recordings/${closed}`]: 403 }
    expect(await fetch(gone ?? '', closed ?? '', there ?? '')).toMatchObject([
      { kind: 'gone', recordId: gone, readAt: expect.any(Number) },
      { kind: 'unavailable', recordId: closed, detail: expect.stringContaining('VoIPBIN answers 403') },
      { kind: 'record', stub: { recordId: there } },
    ])
  })

  test("is not gone by an older server's bare 400, nor by a proxy's 404", async () => {
    const older = await openAccount({ traps: { errors: 'old' } })
    const id = older.simulator.account.add(ended)
    older.simulator.account.remove(id)
    expect(await older.fetch(id)).toMatchObject([{ kind: 'unavailable', detail: expect.stringContaining('400') }])
    const proxy = await startScriptedServer(
      json(errors.bare_message, 404),
      raw('', 404),
      json({ error: 'not found' }, 404),
      json(errors.not_found, 404),
    )
    const { fetch } = await openAccount({ settings: { base_url: proxy.url.href } })
    // One after the other: asked for together they may arrive in any order.
    const kinds: string[] = []
    for (const one of ['a', 'b', 'c', 'd']) kinds.push(...(await fetch(one)).map(({ kind }) => kind))
    expect(kinds).toEqual(['unavailable', 'unavailable', 'unavailable', 'gone'])
  })

  test('that is another one than was asked for is not taken for it', async () => {
    const wrong = await startScriptedServer(json({ id: 'another' }))
    const { fetch } = await openAccount({ settings: { base_url: wrong.url.href } })
    expect(await fetch('one')).toMatchObject([
      { kind: 'unavailable', detail: 'connection front-desk: recording one: the answer is of another' },
    ])
  })

  test('is unavailable without a request when no address can be made of it', async () => {
    const { fetch, paths } = await openAccount()
    expect(await fetch('..', '')).toMatchObject([{ kind: 'unavailable' }, { kind: 'unavailable' }])
    expect(paths()).toEqual([])
  })

  test('with tm_delete is a row that is deleted', async () => {
    const account = await openAccount()
    const id = account.simulator.account.add({ ...ended, tm_delete: now - minute })
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ deleted_at: now - minute, recording_url: null }] })
  })
})

describe('calls', () => {
  test('are asked for once, however many recordings they have', async () => {
    const { simulator, joined, paths } = await openAccount()
    const first = simulator.account.add(ended)
    const reference_id = simulator.account.get(first)?.reference_id ?? ''
    simulator.account.add({ ...ended, tm_create: now - hour + 1, reference_id })
    expect(await joined()).toMatchObject([{ call: { id: reference_id } }, { call: { id: reference_id } }, {}])
    expect(paths().filter((path) => path.startsWith('/calls'))).toEqual([`/calls/${reference_id}`])
  })

  test.each(['old', 'new'] as const)(
    'that are not there yet are waited for, and found later (%s errors)',
    async (dialect) => {
      const { simulator, ...account } = await openAccount({ traps: { errors: dialect } })
      const id = simulator.account.add(ended)
      const call = simulator.account.removeCall(simulator.account.get(id)?.reference_id ?? '')
      expect(await flattenedOf({ simulator, ...account }, id)).toMatchObject({
        rows: [{ message_direction: undefined, phone_number: undefined }],
        followUp: { reason: 'call-missing' },
      })
      simulator.account.addCall(call)
      const later = await openAccount({ settings: { base_url: simulator.baseUrl } })
      const flattened = await flattenedOf(later, id)
      expect(flattened).toMatchObject({ rows: [{ phone_number: call.source.target }] })
      expect(flattened).not.toHaveProperty('followUp')
    },
  )

  test('that are not open to the key leave numbers as they are, and are told once', async () => {
    const account = await openAccount({ traps: { refused: { calls: 403 } } })
    const ids = [1, 2].map(() => account.simulator.account.add(ended))
    for (const id of ids) expect(await flattenedOf(account, id)).not.toHaveProperty('followUp')
    expect(account.notices).toEqual([expect.stringContaining('does not let this key read calls')])
  })

  test('are not asked for when the operator does not want them', async () => {
    const { simulator, joined, paths } = await openAccount({ settings: { calls: false, transcripts: false } })
    simulator.account.generate({ from: now - hour, to: now, count: 3, plain: true })
    expect(JSON.stringify(await joined())).not.toContain('"call":')
    expect(paths()).toEqual(['/recordings', '/recordings'])
  })

  test('that VoIPBIN never answers keep none of their recordings out', async () => {
    const server = await startScriptedServer((response, seen) =>
      seen.path.startsWith('/calls')
        ? json(null, 500, { 'x-should-retry': 'false' })(response, seen)
        : json({ ...inbound, id: seen.path.split('/')[2] })(response, seen),
    )
    const account = await openAccount({ settings: { base_url: server.url.href, transcripts: false } })
    for (const id of ['first', 'second', 'third'])
      expect(await flattenedOf(account, id)).toMatchObject({ followUp: { reason: 'call-missing' } })
    expect(server.seen.filter(({ path }) => path.startsWith('/calls'))).toHaveLength(1)
  })

  test('that cannot be read cost no recording, but an outage ends the run', async () => {
    const account = await openAccount()
    const ids = [1, 2, 3, 4].map(() => account.simulator.account.add(ended))
    const [poison = ''] = ids.map((id) => account.simulator.account.get(id)?.reference_id ?? '')
    account.simulator.onRequest = ({ path }) => {
      account.simulator.traps.faults = path.endsWith(poison) ? ['html'] : []
    }
    expect(await flattenedOf(account, ids[0] ?? '')).toMatchObject({ followUp: { reason: 'call-missing' } })
    expect(await flattenedOf(account, ids[1] ?? '')).not.toHaveProperty('followUp')
    account.simulator.onRequest = ({ path }) => {
      account.simulator.traps.faults = path.includes('/calls/') ? ['html'] : []
    }
    const third = account.simulator.account.add(ended)
    expect(await flattenedOf(account, third)).toMatchObject({ followUp: { reason: 'call-missing' } })
    expect(account.notices).toEqual([expect.stringContaining('is asked for again later: connection front-desk')])
  })
})

describe('a confbridge', () => {
  const withConference = async (ids: 'bridge' | 'conference', ...sources: readonly object[]) => {
    const account = await openAccount({ settings: { transcripts: false } })
    const { simulator } = account
    const calls = sources.map((source) => {
      const other = simulator.account.add({ tm_create: now - 20 * day })
      const call = simulator.account.get(other)?.reference_id ?? ''
      simulator.account.changeCall(call, { direction: 'incoming', ...source })
      return call
    })
    const id = simulator.account.add(ended)
    const conference = simulator.account.addConference(id, calls)
    if (ids === 'conference') simulator.account.change(id, { reference_id: conference })
    return { account, id, calls }
  }
  const tel = (target: string) => ({ type: 'tel', target, target_name: '', name: '', detail: '' })
  const sip = { type: 'sip', target: 'sip:a@sip.example.test', target_name: '', name: '', detail: '' }
  const guest = { source: sip, destination: sip }

  test.each(['bridge', 'conference'] as const)(
    'is found by its %s, with the only participant on the telephone',
    async (by) => {
      const { account, id } = await withConference(by, guest, {
        source: tel('+15125550123'),
        destination: tel('+15125550199'),
      })
      expect(await flattenedOf(account, id)).toMatchObject({
        rows: [{ phone_number: '+15125550123', number_dialed_by_user: '+15125550199', message_direction: 'inbound' }],
      })
      const collections = account.paths().map((path) => path.split('/')[1])
      expect(collections.filter((name) => name === 'conferencecalls')).toHaveLength(2)
    },
  )

  test('with two of them has no sender, and the rest is not asked for', async () => {
    const both = { source: tel('+15125550123'), destination: tel('+15125550199') }
    const { account, id } = await withConference('bridge', both, both, both)
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ phone_number: null, number_dialed_by_user: null, message_direction: null }],
    })
    expect(account.paths().filter((path) => path.startsWith('/conferencecalls'))).toHaveLength(2)
  })

  test('has no sender as long as one of them is missing, who may be on the telephone, too', async () => {
    const one = { source: tel('+15125550123'), destination: tel('+15125550199') }
    const { account, id, calls } = await withConference('bridge', one, one)
    account.simulator.account.removeCall(calls[1] ?? '')
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ phone_number: undefined, message_direction: undefined }],
      followUp: { reason: 'conference-missing' },
    })
  })

  test('whose participants are not open to the key keeps what is stored of it', async () => {
    const { account, id } = await withConference('bridge', guest)
    account.simulator.traps.refused = { conferencecalls: 403 }
    const flattened = await flattenedOf(account, id)
    expect(flattened).toMatchObject({ rows: [{ phone_number: undefined, message_direction: undefined }] })
    expect(flattened).not.toHaveProperty('followUp')
    expect(account.notices).toEqual([expect.stringContaining('read conferences')])
  })

  test('with a participant whose id is half a character ends no run', async () => {
    const account = await openAccount({ settings: { transcripts: false } })
    const id = account.simulator.account.add(ended)
    account.simulator.account.addConference(id, [], { conferencecall_ids: ['\ud800'] })
    expect(await flattenedOf(account, id)).toMatchObject({ followUp: { reason: 'conference-missing' } })
  })

  test('of no conference is waited for; conferences are listed once for all', async () => {
    const account = await openAccount({ settings: { transcripts: false } })
    const ids = [1, 2].map(() => account.simulator.account.add({ ...ended, reference_type: 'confbridge' }))
    for (const id of ids)
      expect(await flattenedOf(account, id)).toMatchObject({ followUp: { reason: 'conference-missing' } })
    expect(account.paths().filter((path) => path === '/conferences')).toHaveLength(1)
  })
})

describe('transcripts', () => {
  const of = async (settings: object, traps: object = {}) => {
    const account = await openAccount({ settings, traps })
    return { account, id: account.simulator.account.add(ended) }
  }

  test('are of the newest that is done, or in the language that is asked for', async () => {
    const { account, id } = await of({})
    const add = (language: string, at: number, status = 'done') =>
      account.simulator.account.transcribe(id, { language, status, tm_create: at, tm_update: at }, [
        { message: language },
      ])
    add('es-MX', now - 9 * minute)
    add('en-US', now - 8 * minute)
    add('fr-FR', now - 7 * minute, 'progressing')
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ message_text: 'en-US' }],
      followUp: { reason: 'transcript-in-progress' },
    })
    const spanish = await openAccount({ settings: { language: 'ES-mx', base_url: account.simulator.baseUrl } })
    expect(await flattenedOf(spanish, id)).toMatchObject({ rows: [{ message_text: 'es-MX' }] })
  })

  test('of more than a page are whole', async () => {
    const { account, id } = await of({})
    const lines = Array.from({ length: 230 }, (_, index) => ({ message: `line ${index}`, offset_ms: index * 100 }))
    account.simulator.account.transcribe(id, { tm_create: now - 9 * minute }, lines)
    const flattened = await flattenedOf(account, id)
    expect(flattened).toMatchObject({ rows: [{ message_text: lines.map(({ message }) => message).join('\n') }] })
  })

  test('are at another address on older servers', async () => {
    const { account, id } = await of({}, { transcriptsByRecording: false, errors: 'old', dialect: 'old' })
    account.simulator.account.transcribe(id, { tm_create: now - 9 * minute }, [{ message: 'Hello.' }])
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: 'Hello.' }] })
    expect(account.paths().slice(-2)).toEqual(['/transcripts', '/transcripts'])
  })

  test('of a recording that has none of its own on older servers are those that were listed', async () => {
    const { account, id } = await of({})
    account.simulator.account.transcribe(id, { tm_create: now - 9 * minute }, [{ message: 'Hello.' }])
    account.simulator.traps.refused = { [`recordings/${id}/transcribes`]: 404 }
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: undefined }] })
    await account.stubs({ from: now - 10 * minute, to: now })
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: 'Hello.' }] })
    expect(account.notices).toEqual([expect.stringContaining('transcribes of one recording')])
  })

  test('keep lines without an id', async () => {
    const line = { message: 'Hello.', tm_create: '2026-07-14 23:50:00.000000' }
    const transcribe = { id: 't', status: 'done', tm_create: line.tm_create }
    const server = await startScriptedServer(
      json(inbound),
      json({ result: [transcribe], next_page_token: '' }),
      json({ result: [{ ...line, offset_ms: 9 }, line, { ...line, message: 'Bye.' }], next_page_token: '' }),
    )
    const account = await openAccount({ settings: { base_url: server.url.href, calls: false } })
    const { id } = Object(inbound)
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: 'Hello.\nHello.\nBye.' }] })
  })

  test('with an id that is half a character end no run', async () => {
    const { account, id } = await of({})
    account.simulator.account.transcribe(id, { id: '\ud800', tm_create: now - 9 * minute }, [{ message: 'Hello.' }])
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: undefined }] })
  })

  test('that VoIPBIN calls those of something else are not asked for by another way', async () => {
    const { account, id } = await of({})
    account.simulator.account.transcribe(id, { tm_create: now - 9 * minute }, [{ message: 'Hello.' }])
    account.simulator.traps.refused = { [`recordings/${id}/transcripts`]: 403 }
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ message_text: undefined }],
      followUp: { reason: 'transcript-missing' },
    })
    expect(account.paths()).not.toContain('/transcripts')
  })

  test('are null when there is none', async () => {
    const { account, id } = await of({})
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ message_text: null }] })
  })
})

describe('contacts', () => {
  const source = { type: 'tel', target: '+15125550123', target_name: 'DOE JO', name: '', detail: '' }
  const withCaller = async (direction: string, settings: object = {}) => {
    const account = await openAccount({ settings: { contacts: true, ...settings } })
    const id = account.simulator.account.add(ended)
    account.simulator.account.changeCall(account.simulator.account.get(id)?.reference_id ?? '', {
      source,
      destination: { ...source, target: '+15125550142', target_name: '' },
      direction,
    })
    const phone_numbers = ['+15125550123']
    account.simulator.account.addContact({ first_name: 'Jo', last_name: 'Doe', external_id: 'r-7', phone_numbers })
    account.simulator.account.addContact({
      first_name: 'Al',
      emails: ['al@example.test'],
      phone_numbers: ['+15125550142'],
    })
    return { account, id, phone_numbers }
  }

  test('name the caller of an inbound call', async () => {
    const { account, id } = await withCaller('incoming')
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ first_name: 'Jo', last_name: 'Doe', sender_ext_ref: 'r-7', email_address: null }],
    })
  })

  test('are looked up on outbound calls only for the customer', async () => {
    const { account, id } = await withCaller('outgoing')
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ first_name: null, sender_ext_ref: null }] })
    expect(account.paths()).not.toContain('/contacts/lookup')
    const customer = await withCaller('outgoing', { person: 'customer' })
    expect(await flattenedOf(customer.account, customer.id)).toMatchObject({
      rows: [{ first_name: 'Al', email_address: 'al@example.test' }],
    })
  })

  test('that are two for one number are none', async () => {
    const { account, id, phone_numbers } = await withCaller('incoming')
    account.simulator.account.addContact({ first_name: 'Sam', phone_numbers })
    expect(await flattenedOf(account, id)).toMatchObject({ rows: [{ first_name: null }] })
  })

  test('that are not open to the key leave names as they are', async () => {
    const { account, id } = await withCaller('incoming')
    account.simulator.traps.refused = { contacts: 403 }
    expect(await flattenedOf(account, id)).toMatchObject({
      rows: [{ first_name: undefined, sender_ext_ref: undefined }],
    })
    expect(account.notices).toEqual([expect.stringContaining('look up contacts')])
  })
})

describe('the account', () => {
  test('is reached with the key in a cookie, in no address', async () => {
    const { simulator, source, context: asking } = await openAccount()
    expect(await source.check(asking)).toBe('reached, no recordings yet')
    simulator.account.add(ended)
    expect(await source.check(asking)).toBe('reached')
    expect(simulator.requests).toMatchObject([
      { path: '/v1.0/recordings', query: [['page_size', '1']], credentials: 'key in cookie' },
      { credentials: 'key in cookie' },
    ])
  })

  test('is reached with a login token as well, in its header', async () => {
    const token = 'eyJ0-not-a-real-one'
    const server = await startScriptedServer(json({ result: [] }))
    const settings = { access_key: undefined, token: new Secret(token), base_url: server.url.href }
    const { source, context: asking } = await openAccount({ settings })
    await source.check(asking)
    expect(server.seen[0]).toMatchObject({
      path: '/recordings?page_size=1',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(server.seen[0]?.headers.cookie).toBeUndefined()
  })

  test('whose key or address changes may be another one', async () => {
    const [one, same, other] = await Promise.all([
      openAccount({ settings: { base_url: 'https://api.example.test/v1.0' } }),
      openAccount({ settings: { base_url: 'https://api.example.test/v1.0' } }),
      openAccount({ settings: { base_url: 'https://api.example.test/v1.0', access_key: new Secret('another') } }),
    ])
    expect(one.source.accountFingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(same.source.accountFingerprint).toBe(one.source.accountFingerprint)
    expect(other.source.accountFingerprint).not.toBe(one.source.accountFingerprint)
  })

  test.each([
    ['payment-required', /payment is required \(402\)/],
    ['account-frozen', /frozen/],
  ] as const)('that is shut (%s) is named at once, by whatever is asked for', async (everyRequest, problem) => {
    const { simulator, source, stubs, fetch, context: asking } = await openAccount({ traps: { everyRequest } })
    for (const failing of [() => source.check(asking), stubs, () => fetch('a')]) {
      const failed = failing()
      await expect(failed).rejects.toThrow(ConfigError)
      await expect(failed).rejects.toThrow(problem)
    }
    expect(simulator.requests).toHaveLength(3)
  })

  test('of an older server that gives no reason has an error that says what it may be', async () => {
    const { source, context: asking, simulator } = await openAccount({ traps: { everyRequest: 'bare-400' } })
    const failed = source.check(asking)
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(/400: no reason given; older servers give none for a wrong key/)
    expect(simulator.requests).toHaveLength(1)
  })

  test('that asks to wait is asked again after that', async () => {
    const { simulator, stubs } = await openAccount({ traps: { faults: ['rate-limited'], retryAfterSeconds: 1 } })
    const id = simulator.account.add(ended)
    const before = performance.now()
    expect((await stubs())[0]?.recordId).toBe(id)
    expect(performance.now() - before).toBeGreaterThan(900)
    expect(simulator.requests[0]).toMatchObject({ status: 429 })
  })

  test('with an outage of calls ends the run after some of them', async () => {
    const outage = await startScriptedServer((response, { path }) =>
      path.startsWith('/calls')
        ? response.writeHead(503, { 'retry-after': '9999' }).end()
        : response.end(JSON.stringify({ result: [], id: path.split('/')[2], ...ofCall })),
    )
    const ofCall = { status: 'ended', reference_type: 'call', reference_id: 'b', tm_create: '2026-07-14T23:00:00Z' }
    const { fetch, notices } = await openAccount({ settings: { base_url: outage.url.href } })
    const ids = Array.from({ length: 20 }, (_, n) => String(n + 1))
    await expect(fetch(...ids)).rejects.toThrow(TransientError)
    expect(notices.filter((notice) => notice.includes('is asked for again later'))).toHaveLength(1)
  })
})

describe('a playable link', () => {
  const resolve = async ({ source, context: asking }: OpenAccount, recordId: string) => {
    if (source.resolve === undefined) throw new Error('nothing resolves')
    return source.resolve({ recordId, parentId: null, messageId: recordId }, asking)
  }

  test.each(['zip', 'wav'] as const)(
    'of a %s is fresh, dies when it says so, and plays without the key only',
    async (audio) => {
      const account = await openAccount({ traps: { audio } })
      const link = await resolve(account, account.simulator.account.add(ended))
      expect(link).toEqual({
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*X-Goog-Signature=/),
        expiresAt: now + day,
        mediaType: null,
      })
      expect(account.simulator.requests).toHaveLength(1)
      expect(link.url).not.toContain(accessKey)
      const answer = await fetch(link.url)
      expect(answer.status).toBe(200)
      expect((await answer.text()).startsWith(audio === 'zip' ? 'PK\u0003\u0004' : 'RIFF')).toBe(true)
      expect((await fetch(link.url, { headers: { cookie: `accesskey=${accessKey}` } })).status).toBe(400)
    },
  )

  test.each([
    ['Expires=1784160000', 1_784_160_000 * second],
    ['signed=yes', expect.any(Number)],
  ])('with %s has an expiry', async (query, expiresAt) => {
    const location = `https://storage.example.test/a.wav?${query}`
    const server = await startScriptedServer(raw('', 302, { location }))
    const account = await openAccount({ settings: { base_url: server.url.href } })
    expect(await resolve(account, 'a')).toEqual({ url: location, expiresAt, mediaType: null })
  })

  test('is none in the first minute, of what is gone, or of what is not open', async () => {
    const account = await openAccount()
    const early = account.simulator.account.add({ ...ended, tm_end: now - 59 * second })
    await expect(resolve(account, early)).rejects.toThrow(/stored about two minutes after the recording has ended/)
    await expect(resolve(account, 'gone')).rejects.toThrow(SourceProtocolError)
    account.simulator.traps.refused = { recordingfiles: 403 }
    await expect(resolve(account, early)).rejects.toThrow('is not open to access_key (403)')
    account.simulator.traps.refused = {}
    account.simulator.traps.errors = 'old'
    await expect(resolve(account, early)).rejects.toThrow(/no audio of it.*\(400: no reason given/)
  })

  test.each([[{}], [{ location: 'ftp://storage.example.test/a.wav' }], [{ location: '//[' }]])(
    'is none where the answer leads nowhere (%j)',
    async (headers) => {
      const server = await startScriptedServer(raw('', 307, headers))
      const account = await openAccount({ settings: { base_url: server.url.href } })
      await expect(resolve(account, 'a')).rejects.toThrow('leads to no web address')
    },
  )
})
