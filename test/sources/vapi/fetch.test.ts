import { describe, expect, test } from 'vitest'
import { SourceProtocolError, TransientError } from '../../../src/domain/errors.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { hour } from '../opened-source.ts'
import { now, openAccount } from './open-account.ts'

const createdAt = formatInstant(now - hour)

describe('a call by its id', () => {
  test('is the same stub as its listing shows, with our number', async () => {
    const { simulator, stubs, fetch } = await openAccount()
    const { account } = simulator
    const id = account.add({ createdAt, phoneNumberId: account.numbers[1]?.id })
    const [listed] = await stubs()
    const [fetched] = await fetch(id)
    expect(fetched).toEqual({
      kind: 'record',
      readAt: expect.any(Number),
      stub: { ...listed, record: { ...Object(listed?.record), own_number: '+15125559002' } },
    })
  })

  test('is gone when Vapi says that there is none', async () => {
    const { fetch } = await openAccount()
    expect(await fetch('no-such-call')).toEqual([
      { kind: 'gone', recordId: 'no-such-call', readAt: expect.any(Number) },
    ])
  })

  test('is not gone when a proxy says so, or the key may not see it, or no path can hold its id', async () => {
    const { simulator, fetch } = await openAccount({
      traps: { foreignNotFound: true, refused: { 'call/secret': 403 } },
    })
    expect(await fetch('a', 'secret', '..')).toEqual([
      { kind: 'unavailable', recordId: 'a', detail: 'Vapi answers 404: no Route matched with those values' },
      { kind: 'unavailable', recordId: 'secret', detail: 'Vapi answers 403: Forbidden, Forbidden resource' },
      { kind: 'unavailable', recordId: '..', detail: 'no address can be made of its id' },
    ])
    expect(simulator.requests).toHaveLength(2)
  })
})

describe('our number', () => {
  const ownNumberOf = (fetched: readonly unknown[]) => Object(fetched[0]).stub.record

  test('is asked for once, whatever the number of calls', async () => {
    const { simulator, fetch, paths } = await openAccount()
    const { account } = simulator
    const [first, second] = account.numbers
    const ids = [first, first, second, first].map((number) => account.add({ createdAt, phoneNumberId: number?.id }))
    await fetch(...ids)
    expect(
      paths()
        .filter((path) => path.startsWith('/phone-number'))
        .toSorted(),
    ).toEqual([`/phone-number/${first?.id}`, `/phone-number/${second?.id}`].toSorted())
  })

  test('is null of a trunk without one, and not known of one that was released or is not open to the key', async () => {
    const { simulator, fetch, notices } = await openAccount()
    const { account } = simulator
    const [first, , , trunk] = account.numbers
    simulator.traps.refused = { [`phone-number/${first?.id}`]: 403 }
    const of = async (phoneNumberId: string | undefined) =>
      ownNumberOf(await fetch(account.add({ createdAt, phoneNumberId })))
    expect(await of(trunk?.id)).toHaveProperty('own_number', null)
    expect(await of('released')).not.toHaveProperty('own_number')
    expect(await of(first?.id)).not.toHaveProperty('own_number')
    expect(notices).toEqual([expect.stringContaining('does not let this key read phone numbers')])
  })

  test('that cannot be read costs its calls that number, and no other call anything', async () => {
    const { simulator, stubs, stream, context, notices } = await openAccount()
    const { account } = simulator
    const [broken, odd, good] = account.numbers
    for (const number of [broken, odd, good, broken])
      account.add({ createdAt, type: 'inboundPhoneCall', phoneNumberId: number?.id })
    simulator.onRequest = ({ path }) => {
      simulator.traps.everyRequest = path.endsWith(`${broken?.id}`) ? 'server-error' : null
      if (path.endsWith(`${odd?.id}`)) simulator.traps.everyRequest = 'bad-request'
    }
    const listed = (await stubs()).map(({ record }) => record)
    const joined: unknown[] = []
    for (const record of listed) joined.push(await stream.join?.(record, context))
    const of = (id: string | undefined) => joined.map(Object).filter(({ call }) => call.phoneNumberId === id)
    expect(of(good?.id)).toMatchObject([{ own_number: '+15125559003' }])
    expect(of(odd?.id)[0]).not.toHaveProperty('own_number_due')
    expect(of(broken?.id)).toMatchObject([{ own_number_due: true }, { own_number_due: true }])
    expect(notices).toHaveLength(2)
    expect(notices.join()).toMatch(/A phone number cannot be read.*500/)
  }, 60_000)

  test('that cannot be had, and the next one neither, is an outage', async () => {
    const { simulator, stubs, stream, context } = await openAccount()
    const { account } = simulator
    for (const number of account.numbers.slice(0, 2))
      account.add({ createdAt, type: 'inboundPhoneCall', phoneNumberId: number?.id })
    const listed = await stubs()
    simulator.traps.everyRequest = 'server-error'
    const joining = async () => {
      for (const { record } of listed) await stream.join?.(record, context)
    }
    await expect(joining()).rejects.toThrow(TransientError)
  }, 90_000)

  test('is not asked for of calls that bring theirs, or have none', async () => {
    const { simulator, fetch, paths } = await openAccount()
    const { account } = simulator
    const ids = [
      account.add({ createdAt, phoneNumber: { twilioPhoneNumber: '+15125559077' } }),
      account.add({ createdAt, type: 'webCall' }),
      account.add({ createdAt, phoneNumberId: undefined }),
    ]
    await fetch(...ids)
    // Several are under way at once: they arrive in any order.
    expect(paths().toSorted()).toEqual(ids.map((id) => `/call/${id}`).toSorted())
  })
})

describe('a link', () => {
  test('is where the recording redirects to, and plays only without the key', async () => {
    const { simulator, source, context } = await openAccount()
    const id = simulator.account.add({ createdAt })
    const link = await source.resolve?.({ recordId: id, parentId: null, messageId: id }, context)
    expect(link).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/m\/.*X-Amz-Signature=/),
      expiresAt: now + 600_000_000,
      mediaType: 'audio/wav',
    })
    expect(simulator.requests.map(({ host, path }) => [host, path])).toEqual([['api', `/call/${id}/mono-recording`]])
    const url = link?.url ?? ''
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url, { headers: { authorization: 'Bearer x' } })).status).toBe(400)
  })

  test('is that of the stereo recording when there is no mono one', async () => {
    const { simulator, source, context } = await openAccount()
    const id = simulator.account.add({ createdAt })
    simulator.traps.refused = { [`call/${id}/mono-recording`]: 404 }
    const link = await source.resolve?.({ recordId: id, parentId: null, messageId: id }, context)
    expect(link?.url).toContain('/s/')
  })

  test.each([
    ['there is no recording', {}, { artifact: undefined }, /Vapi has none/],
    ['the key may not have it', { refused: 403 as const }, {}, /not open to api_key/],
    ['it is answered with audio', { recordings: 'audio' as const }, {}, /no JSON \(status 200\)/],
  ])(
    'is refused in words when %s',
    async (_, { refused, ...traps }: { refused?: 403; recordings?: 'audio' }, call, message) => {
      const { simulator, source, context } = await openAccount({ traps })
      const id = simulator.account.add({ createdAt, ...call })
      if (refused !== undefined) simulator.traps.refused = { [`call/${id}/mono-recording`]: refused }
      const failed = source.resolve?.({ recordId: id, parentId: null, messageId: id }, context)
      await expect(failed).rejects.toThrow(SourceProtocolError)
      await expect(failed).rejects.toThrow(message)
    },
  )
})

describe('limits', () => {
  test.each(['retry-after', 'reset-epoch'] as const)('(%s) are waited for', async (fault) => {
    const { simulator, source, context } = await openAccount({ traps: { faults: [fault], dateSkewSeconds: null } })
    const began = performance.now()
    expect(await source.check(context)).toBe('reached, no calls')
    expect(performance.now() - began).toBeGreaterThan(800)
    expect(simulator.requests).toHaveLength(2)
  })

  test('of the organisation are not run into twice', async () => {
    const { simulator, source, context } = await openAccount({
      traps: { rateLimit: { requests: 2, seconds: 1 }, dateSkewSeconds: null },
    })
    for (let count = 0; count < 4; count += 1) await source.check(context)
    expect(simulator.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(2)
  })
})

test('check proves the key with one request', async () => {
  const { simulator, source, context } = await openAccount()
  simulator.account.add({ createdAt })
  expect(await source.check(context)).toBe('reached')
  expect(simulator.requests.map(({ path, query }) => [path, query])).toEqual([['/call', [['limit', '1']]]])
  simulator.traps.everyRequest = 'html'
  await expect(source.check(context)).rejects.toThrow(SourceProtocolError)
})
