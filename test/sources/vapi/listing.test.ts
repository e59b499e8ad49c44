import { describe, expect, test } from 'vitest'
import { SourceProtocolError, WindowTooLarge } from '../../../src/domain/errors.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { day, hour, idsOf, minute, second } from '../opened-source.ts'
import { now, openAccount, yesterday } from './open-account.ts'

const queriesOf = (
  requests: readonly { readonly path: string; readonly query: readonly (readonly [string, string])[] }[],
) => requests.filter(({ path }) => path === '/call').map(({ query }) => Object.fromEntries(query))

describe('a window', () => {
  test('holds everything created in it, edges included, as it is stored', async () => {
    const { simulator, context, list, stream } = await openAccount()
    const { account } = simulator
    const [atStart, atEnd] = [yesterday.from, yesterday.to].map((at) => account.add({ createdAt: formatInstant(at) }))
    account.add({ createdAt: formatInstant(yesterday.from - 1000) })
    const [number] = account.numbers
    const id = account.add({
      createdAt: '2026-07-14T15:03:26.118Z',
      updatedAt: '2026-07-14T16:00:00.000Z',
      type: 'inboundPhoneCall',
      customer: { number: '+15125550123' },
      phoneNumberId: number?.id,
    })
    const pages = await list()
    expect(pages).toHaveLength(1)
    expect(pages[0]).toMatchObject({ total: null, servedAt: now })
    const stubs = pages.flatMap((page) => page.stubs)
    expect(idsOf(stubs)).toEqual([atStart, atEnd, id].sort())
    const stub = stubs.find(({ recordId }) => recordId === id)
    expect(stub).toMatchObject({
      parentId: null,
      windowAt: 1_784_041_406_118_000,
      version: 1_784_044_800_000_000,
      joinedVersion: null,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const joined = await stream.join?.(stub?.record, context)
    expect(joined).toEqual({ ...Object(stub?.record), own_number: '+15125559001' })
    expect(stream.flatten(joined, { version: null, ordinal: 1, final: false })).toMatchObject({
      kind: 'rows',
      rows: [{ message_id: id, phone_number: '+15125550123', number_dialed_by_user: '+15125559001' }],
    })
  })

  test('is asked for by both bounds with milliseconds, which is all that times of calls have', async () => {
    const { simulator, list, changed } = await openAccount()
    await list({ from: yesterday.from + 1_001, to: yesterday.to - 1 })
    await changed({ from: yesterday.from, to: yesterday.to })
    expect(queriesOf(simulator.requests)).toEqual([
      { createdAtGe: '2026-07-14T00:00:00.001000Z', createdAtLe: '2026-07-14T23:59:59.999000Z', limit: '250' },
      { updatedAtGe: '2026-07-14T00:00:00Z', updatedAtLe: '2026-07-15T00:00:00Z', limit: '250' },
    ])
  })

  test('of changes holds what changed in it, whenever it was created', async () => {
    const { simulator, changed } = await openAccount()
    const { account } = simulator
    const old = account.add({ createdAt: '2026-07-10T00:00:00Z', updatedAt: '2026-07-14T12:00:00Z' })
    account.add({ createdAt: '2026-07-10T00:00:00Z', updatedAt: '2026-07-10T12:00:00Z' })
    const [stub, ...others] = await changed()
    expect(others).toEqual([])
    expect(stub).toMatchObject({ recordId: old, windowAt: Date.UTC(2026, 6, 10) * 1000 })
  })
})

describe('an answer that is full', () => {
  test('hides others: its time is halved until none is, and every call is seen', async () => {
    const { simulator, list } = await openAccount()
    const ids = simulator.account.generate({ ...yesterday, count: 1000 })
    const pages = await list()
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    for (const { stubs } of pages) expect(stubs.length).toBeLessThan(250)
    expect(simulator.requests.length).toBeLessThan(16)
  })

  test('is not asked for again where as many are to be expected', async () => {
    const { simulator, list } = await openAccount({ settings: { calls_per_request: 20 } })
    const ids = simulator.account.generate({ ...yesterday, count: 1000, plain: true })
    const pages = await list()
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    expect(simulator.requests.length - pages.length).toBeLessThan(pages.length / 3)
  })

  test('of calls of one second is halved within it', async () => {
    const { simulator, list } = await openAccount({ settings: { calls_per_request: 100 } })
    const { account } = simulator
    const at = yesterday.from + 13 * hour
    const burst = Array.from({ length: 150 }, (_, index) =>
      account.add({ createdAt: formatInstant(at + index * 6000) }),
    )
    const alike = Array.from({ length: 3 }, () => account.add({ createdAt: formatInstant(at) }))
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual([...burst, ...alike].sort())
  })

  test('of calls of one millisecond is asked for with the largest limit', async () => {
    const { simulator, list } = await openAccount({ settings: { calls_per_request: 10 } })
    const { account } = simulator
    const createdAt = formatInstant(yesterday.from + hour)
    const ids = Array.from({ length: 30 }, () => account.add({ createdAt }))
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    expect(queriesOf(simulator.requests).filter(({ limit }) => limit === '1000').length).toBeGreaterThan(0)
  })

  test('of calls of two milliseconds, with hundreds in each, is asked for one after the other', async () => {
    const { simulator, list } = await openAccount()
    const { account } = simulator
    const at = yesterday.from + hour
    const ids = [at, at + 1000].flatMap((created) =>
      Array.from({ length: 600 }, () => account.add({ createdAt: formatInstant(created) })),
    )
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
    expect(idsOf((await list({ from: at + 500, to: at + 1001 })).flatMap(({ stubs }) => stubs))).toHaveLength(1200)
  })

  test('of exactly the hundred calls of one millisecond is whole where larger answers are given', async () => {
    const { simulator, list } = await openAccount()
    const { account } = simulator
    const times = { createdAt: formatInstant(yesterday.from + hour), updatedAt: formatInstant(yesterday.from + hour) }
    const ids = Array.from({ length: 100 }, () => account.add(times))
    account.add({ createdAt: formatInstant(now - 3 * day) })
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
  })

  test('of thousands that changed in one transaction is halved by when they were created', async () => {
    const { simulator, changed } = await openAccount()
    const { account } = simulator
    const ids = account.generate({ from: now - 9 * day, to: now - 2 * day, count: 2500, plain: true })
    for (const id of ids) account.change(id, { updatedAt: '2026-07-14T12:00:00.007Z' })
    expect(idsOf(await changed())).toEqual([...ids].sort())
  })

  test('of one millisecond by both of its times is too large, and fails for good when there is nothing to halve', async () => {
    const { simulator, list } = await openAccount({ traps: { silentLimit: 100 }, settings: { calls_per_request: 50 } })
    const { account } = simulator
    const at = yesterday.from + hour
    const times = { createdAt: formatInstant(at), updatedAt: formatInstant(at + second) }
    for (let count = 0; count < 120; count += 1) account.add(times)
    await expect(list({ from: at - minute, to: at + minute })).rejects.toThrow(WindowTooLarge)
    const failed = list({ from: at, to: at + 1 })
    await expect(failed).rejects.toThrow(SourceProtocolError)
    await expect(failed).rejects.toThrow(/front-desk: calls by createdAt from 2026-07-14T01:00:00Z .* it is full/)
  })

  test('has shown calls which an answer behind it must show, unless they are gone', async () => {
    const { simulator, list } = await openAccount({ settings: { calls_per_request: 50 } })
    const { account } = simulator
    const ids = account.generate({ ...yesterday, count: 80, plain: true })
    let listings = 0
    simulator.onRequest = ({ path }) => {
      if (path === '/call') listings += 1
      if (listings === 2 && path === '/call') for (const id of ids.slice(0, 5)) account.remove(id)
    }
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual(ids.slice(5).toSorted())
  })

  test('is followed by none that is empty by mistake', async () => {
    const { simulator, list } = await openAccount({ traps: { emptyEveryOther: true } })
    simulator.account.generate({ ...yesterday, count: 300, plain: true })
    await expect(list()).rejects.toThrow(/the answer lacks call .* which is there/)
  })

  test('is known though it holds fewer than were asked for: a limit that is ignored is 100', async () => {
    const { simulator, list } = await openAccount({ traps: { silentLimit: 100 } })
    const ids = simulator.account.generate({ ...yesterday, count: 240, plain: true })
    expect(idsOf((await list()).flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
  })

  test('or larger than may be held is halved, too', async () => {
    const { simulator, list } = await openAccount({ settings: { max_response_bytes: 100_000 } })
    const ids = simulator.account.generate({ ...yesterday, count: 200, plain: true })
    const pages = await list()
    expect(pages.length).toBeGreaterThan(1)
    expect(idsOf(pages.flatMap(({ stubs }) => stubs))).toEqual([...ids].sort())
  })
})

describe('an answer', () => {
  test('with a call of another time shows that a filter is not obeyed', async () => {
    const { simulator, list, changed } = await openAccount({ traps: { filtersIgnored: true } })
    const id = simulator.account.add({ createdAt: '2026-07-10T00:00:00Z', updatedAt: '2026-07-10T00:01:00Z' })
    await expect(list()).rejects.toThrow(`holds ${id}, of 2026-07-10T00:00:00Z, which was not asked for`)
    await expect(changed()).rejects.toThrow(SourceProtocolError)
  })

  test('may hold a call that changed while changes were listed', async () => {
    const { simulator, changed } = await openAccount({ traps: { filtersIgnored: true } })
    const id = simulator.account.add({ createdAt: formatInstant(now - hour), updatedAt: formatInstant(now) })
    expect(idsOf(await changed({ from: now - hour, to: now - second }))).toEqual([id])
  })

  test('that is full of calls from behind its time shows that a filter is not obeyed: cutting would never end', async () => {
    const settings = { calls_per_request: 25 }
    const { simulator, changed } = await openAccount({ traps: { filtersIgnored: true }, settings })
    for (let n = 0; n < 26; n += 1) {
      simulator.account.add({ createdAt: formatInstant(now - hour), updatedAt: formatInstant(now - second) })
    }
    // One whose time cannot be read says nothing, and hides nothing.
    simulator.account.add({ createdAt: formatInstant(now - hour), updatedAt: 'a moment ago' })
    const asked = simulator.requests.length
    await expect(changed({ from: now - 2 * hour, to: now })).rejects.toThrow(/which was not asked for/)
    expect(simulator.requests.length - asked).toBeLessThan(20)
  })

  test('that is no list is refused', async () => {
    const { simulator, list } = await openAccount()
    simulator.onRequest = () => {
      simulator.traps.faults = ['bad-request']
    }
    await expect(list()).rejects.toThrow(/400: Bad Request, limit must not be greater than 1000, id must be a UUID/)
  })

  test('holds every odd form, and each of them is a row', async () => {
    const { simulator, stubs, stream, context } = await openAccount()
    simulator.account.generate({ ...yesterday, count: 32 })
    const listed = await stubs()
    const joined = await Promise.all(listed.map(({ record }) => stream.join?.(record, context)))
    const flattened = joined.map((record) => stream.flatten(record, { version: null, ordinal: 1, final: false }))
    expect(flattened.filter(({ kind }) => kind === 'rows')).toHaveLength(32)
  })
})

test('the fingerprint stays while only links change, and changes with the call', async () => {
  const { simulator, stubs } = await openAccount()
  const id = simulator.account.add({ createdAt: formatInstant(now - hour) })
  const [before] = await stubs()
  const [again] = await stubs()
  expect(again?.fingerprint).toBe(before?.fingerprint)
  const { updatedAt } = Object(simulator.account.get(id))
  simulator.account.change(id, { endedReason: 'silence-timed-out', updatedAt })
  const [after] = await stubs()
  expect(after?.fingerprint).not.toBe(before?.fingerprint)
  expect(after?.version).toBe(before?.version)
})
