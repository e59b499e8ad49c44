import { describe, expect, test } from 'vitest'
import { generatedTraps } from '../../src/simulator/telnyx/recording-forms.ts'
import type { TelnyxRecording } from '../../src/simulator/telnyx/resources.ts'
import { startTelnyxSimulator } from '../../src/simulator/telnyx/simulator.ts'
import { trapTable } from '../../src/simulator/telnyx/trap-table.ts'
import { noTraps } from '../../src/simulator/telnyx/traps.ts'
import { apiKey, createSimulatorCase, day, instant, minute, second } from './simulator-case.ts'

const july14 = instant('2026-07-14T00:00:00Z')
const window = { from: july14, to: july14 + day }

const created = (at: string, bound: 'gte' | 'lte'): string => `filter[created_at][${bound}]=${at}`

test('every trap of the list is met somewhere, and every switch with a number is in the table', () => {
  const numbers = new Set(trapTable.map(({ trap }) => trap))
  expect([...numbers].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  const switches = trapTable.flatMap(({ met }) => (typeof met === 'string' ? [] : met))
  expect(switches.filter((name) => !(name in noTraps))).toEqual([])
  const generated = trapTable.filter(({ met }) => met === 'generated').map(({ trap }) => trap)
  expect(new Set(generated)).toEqual(generatedTraps)
})

describe('the account', () => {
  test('is the same for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([
      createSimulatorCase({ seed: 7 }),
      createSimulatorCase({ seed: 7 }),
      createSimulatorCase({ seed: 8 }),
    ])
    const [ids, sameIds, otherIds] = [first, again, other].map(({ simulator }) =>
      simulator.account.generate({ ...window, count: 70 }),
    )
    expect(ids).toEqual(sameIds)
    expect(ids?.filter((id) => otherIds?.includes(id))).toEqual([])
    expect(ids?.map((id) => first.simulator.account.get(id))).toEqual(ids?.map((id) => again.simulator.account.get(id)))
  })

  test('holds the odd forms of records among the first 64, and none when plain', async () => {
    const { simulator } = await createSimulatorCase()
    const recordingsOf = (ids: readonly string[]) => ids.map((id) => simulator.account.get(id))
    const odd = recordingsOf(simulator.account.generate({ ...window, count: 64 }))
    const some = (test: (recording: TelnyxRecording) => boolean) =>
      odd.some((recording) => recording !== undefined && test(recording))
    expect(some(({ from, to, connection_id }) => [from, to, connection_id].every((value) => value === undefined))).toBe(
      true,
    )
    expect(some(({ call_control_id }) => call_control_id === null)).toBe(true)
    expect(some(({ from }) => from === 'sip:agent7@sip.example.test')).toBe(true)
    expect(some(({ from }) => /^\+1-512-555-\d{4}$/.test(from ?? ''))).toBe(true)
    expect(some(({ from }) => /^1512555\d{4}$/.test(from ?? ''))).toBe(true)
    expect(some(({ conference_id, call_leg_id }) => conference_id !== null && call_leg_id === undefined)).toBe(true)
    expect(some(({ duration_millis }) => duration_millis === 0)).toBe(true)
    expect(some(({ duration_millis }) => duration_millis === undefined)).toBe(true)
    expect(some(({ download_urls }) => download_urls === undefined)).toBe(true)
    expect(some(({ download_urls }) => download_urls?.mp3 === null && download_urls.wav === 'signed')).toBe(true)
    expect(some(({ download_urls }) => download_urls?.mp3?.startsWith('gs://') === true)).toBe(true)
    for (const form of [/:\d\dZ$/, /\.\d{3}Z$/, /\.\d{6}Z$/, /\.\d{9}Z$/, /-06:00$/]) {
      expect(some(({ created_at }) => form.test(created_at ?? ''))).toBe(true)
    }
    expect(some(({ recording_started_at }) => /\.\d{3}$/.test(recording_started_at ?? ''))).toBe(true)
    const legs = odd.map((recording) => recording?.call_leg_id)
    const sessions = odd.map((recording) => recording?.call_session_id)
    expect([new Set(legs).size, new Set(sessions).size]).toEqual([63, 62])

    const plain = recordingsOf(simulator.account.generate({ ...window, count: 64, plain: true }))
    for (const recording of plain) {
      expect(Object.values(recording ?? {})).not.toContain(undefined)
      expect(recording?.created_at).toMatch(/^2026-07-14T..:..:..\.\d{3}Z$/)
      expect(Number.isSafeInteger(Number(recording?.connection_id))).toBe(false)
    }
  })

  test('grows with its clock: what lies ahead is neither listed nor found', async () => {
    const account = await createSimulatorCase()
    const [id] = account.simulator.account.generate({ from: account.clock, to: account.clock + minute, count: 1 })
    expect(await account.listed()).toEqual([])
    expect((await account.ask(`recordings/${id}`)).status).toBe(404)
    account.clock += minute
    expect(await account.listed()).toEqual([id])
    expect((await account.ask(`recordings/${id}`)).status).toBe(200)
  })

  test('fills in what is not given, and leaves out what is given as undefined', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const id = simulator.account.add({
      recording_started_at: '2026-07-14T09:00:00.000Z',
      duration_millis: 60_000,
      from: undefined,
      to: null,
    })
    const { data } = (await ask(`recordings/${id}`)).body ?? {}
    expect(data).toMatchObject({
      id,
      record_type: 'recording',
      status: 'completed',
      to: null,
      recording_ended_at: '2026-07-14T09:01:00.000Z',
      created_at: '2026-07-14T09:01:02.000Z',
      updated_at: '2026-07-14T09:01:02.000Z',
    })
    expect(data).not.toHaveProperty('from')
  })

  test('a change is listed with a new updated_at, and moves with created_at (trap 19)', async () => {
    const account = await createSimulatorCase()
    const id = account.simulator.account.add({ created_at: '2026-07-14T10:00:00.000Z' })
    account.clock += 20 * 60 * minute
    account.simulator.account.change(id, { duration_millis: 5_000 })
    expect((await account.ask(`recordings/${id}`)).body?.data).toMatchObject({
      duration_millis: 5_000,
      created_at: '2026-07-14T10:00:00.000Z',
      updated_at: '2026-07-16T08:00:00.000Z',
    })
    account.simulator.account.change(id, { created_at: '2026-07-13T10:00:00.000Z' })
    expect(await account.listed(created('2026-07-14T00:00:00Z', 'gte'))).toEqual([])
    expect(await account.listed(created('2026-07-14T00:00:00Z', 'lte'))).toEqual([id])
  })

  test('what is removed is gone from the list, by id 404; a refused id answers 403 (trap 16)', async () => {
    const { simulator, ask, listed } = await createSimulatorCase()
    const [gone, refused] = simulator.account.generate({ ...window, count: 2, plain: true })
    simulator.account.remove(`${gone}`)
    simulator.traps.refused = { [`recordings/${refused}`]: 403 }
    expect(await listed()).toEqual([refused])
    expect(simulator.account.ids()).toEqual([refused])
    expect((await ask(`recordings/${gone}`)).body?.errors).toEqual([{ code: '10005', title: 'Resource not found' }])
    expect((await ask(`recordings/${refused}`)).status).toBe(403)
  })

  test('200,000 recordings are made and listed in moments', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const began = performance.now()
    simulator.account.generate({ from: july14 - 1000 * day, to: july14, count: 200_000 })
    const { body } = await ask(`recordings?page[size]=250&${created('2026-07-01T00:00:00Z', 'gte')}`)
    expect(body?.data).toHaveLength(250)
    expect((await ask('recordings?page[size]=1')).body?.meta?.total_results).toBe(200_000)
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})

describe('the list of recordings', () => {
  test('is paged, newest first, with the documented meta', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const ids = simulator.account.generate({ ...window, count: 45, plain: true })
    const pages = await Promise.all([1, 2, 3, 4].map((page) => ask(`recordings?page[number]=${page}`)))
    const shown = pages.map(({ body }) => body?.data.map(({ id }: { readonly id: string }) => id))
    expect(shown).toEqual([ids.slice(25).reverse(), ids.slice(5, 25).reverse(), ids.slice(0, 5).reverse(), []])
    expect(pages[1]?.body?.meta).toEqual({ page_number: 2, page_size: 20, total_pages: 3, total_results: 45 })
  })

  test('both bounds are inclusive, to the microsecond (trap 1)', async () => {
    const { simulator, listed } = await createSimulatorCase()
    const id = simulator.account.add({ created_at: '2026-07-14T10:00:00.000001Z' })
    expect(await listed(created('2026-07-14T10:00:00.000001Z', 'lte'))).toEqual([id])
    expect(await listed(created('2026-07-14T10:00:00.000001Z', 'gte'))).toEqual([id])
    expect(await listed(created('2026-07-14T10:00:00.000000Z', 'lte'))).toEqual([])
    expect(await listed(created('2026-07-14T10:00:00.000002Z', 'gte'))).toEqual([])
    expect(await listed(created('2026-07-14T04:00:00.000001-06:00', 'gte'))).toEqual([id])
  })

  test('exact filters are exact, and a plus sign must be encoded', async () => {
    const { simulator, ask, listed } = await createSimulatorCase()
    const id = simulator.account.add({ from: '+15125550123' })
    simulator.account.add({ from: '+15125550124' })
    expect(await listed('filter[from]=+15125550123')).toEqual([id])
    const authorized = { headers: { authorization: `Bearer ${apiKey}` } }
    const raw = await fetch(`${simulator.baseUrl}/recordings?filter[from]=+15125550123`, authorized)
    expect(await raw.json()).toMatchObject({ data: [] })
    const bySession = `filter[call_session_id]=${simulator.account.get(id)?.call_session_id}`
    expect(await listed(bySession)).toEqual([id])
    expect((await ask(`recordings?${encodeURIComponent('filter[to]')}=nobody`)).body?.data).toEqual([])
  })

  test('start and end of the recording can be filtered by too', async () => {
    const { simulator, listed } = await createSimulatorCase()
    const id = simulator.account.add({ recording_started_at: '2026-07-14T09:00:00.000Z', duration_millis: 60_000 })
    expect(
      await listed('filter[start_time][lte]=2026-07-14T09:00:00Z&filter[end_time][gte]=2026-07-14T09:01:00Z'),
    ).toEqual([id])
    expect(await listed('filter[start_time][gte]=2026-07-14T09:00:01Z')).toEqual([])
    expect(await listed('filter[end_time][lte]=2026-07-14T09:00:59Z')).toEqual([])
  })

  test.each([
    ['page[size]=251', 422],
    ['page[size]=0', 422],
    ['page[number]=first', 422],
    ['filter[created_at][gte]=yesterday', 400],
    ['filter[created_at][gt]=2026-07-14T00:00:00Z', 400],
    ['filter[updated_at][gte]=2026-07-14T00:00:00Z', 400],
  ])('%s is refused', async (query, status) => {
    const { ask } = await createSimulatorCase()
    const answer = await ask(`recordings?${query}`)
    expect(answer.status).toBe(status)
    expect(answer.body?.errors).toMatchObject([{ code: '10015', source: { parameter: query.split('=')[0] } }])
  })

  test('an unknown filter is ignored in the other mode, and sort in both (trap 4)', async () => {
    const { simulator, listed } = await createSimulatorCase({ traps: { unknownFilters: 'ignored' } })
    const ids = simulator.account.generate({ ...window, count: 3 })
    expect(await listed('filter[updated_at][gte]=2027-01-01T00:00:00Z&sort=created_at')).toEqual(ids.toReversed())
  })

  test('pages come in another order for each request (trap 2)', async () => {
    const { simulator, listed } = await createSimulatorCase({ traps: { shuffledPages: true } })
    const ids = simulator.account.generate({ ...window, count: 100 })
    const [first, second] = [await listed(), await listed()]
    expect(first).not.toEqual(second)
    expect([first?.toSorted(), second?.toSorted()]).toEqual([ids.toSorted(), ids.toSorted()])
  })

  test('a deletion after page 1 hides one id and lowers the total (trap 3)', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { deletions: 1 } })
    const ids = simulator.account.generate({ ...window, count: 25 })
    const first = await ask('recordings?page[number]=1')
    const second = await ask('recordings?page[number]=2')
    const shown = [first, second].flatMap(({ body }) => body?.data).map(({ id }) => id)
    expect([first.body?.meta?.total_results, second.body?.meta?.total_results]).toEqual([25, 24])
    expect(ids.filter((id) => !shown.includes(id))).toEqual([ids[4]])
    await ask('recordings?page[number]=1')
    expect(simulator.account.ids()).toHaveLength(24)
    expect(simulator.traps.deletions).toBe(0)
  })

  test('a recording may be listed up to two minutes late (trap 5)', async () => {
    const account = await createSimulatorCase({ traps: { lateVisibility: true } })
    const { clock } = account
    account.simulator.account.generate({ from: clock - second, to: clock, count: 100 })
    account.clock = clock + minute
    const soon = await account.listed()
    expect(soon.length).toBeGreaterThan(20)
    expect(soon.length).toBeLessThan(80)
    account.clock = clock + 2 * minute
    expect(await account.listed()).toHaveLength(100)
  })

  test('meta, or its page number, may be missing (trap 9)', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { missingMeta: true } })
    expect((await ask('recordings')).body).toEqual({ data: [] })
    simulator.traps = { ...noTraps, missingPageNumber: true }
    expect((await ask('recordings')).body?.meta).toEqual({ page_size: 20, total_pages: 0, total_results: 0 })
  })

  test('a recording is processing when first shown, completed the next time (trap 10)', async () => {
    const { simulator, ask, data } = await createSimulatorCase({ traps: { processingOneIn: 1 } })
    const id = simulator.account.add()
    const [listed] = await data('recordings')
    expect(listed).toMatchObject({ id, status: 'processing' })
    expect(listed).not.toHaveProperty('download_urls')
    expect((await ask(`recordings/${id}`)).body?.data).toMatchObject({
      status: 'completed',
      download_urls: { mp3: expect.stringContaining('X-Amz-Signature=') },
    })
  })

  test('the total never adds up, pages repeat, one is empty, a stray is among them', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { totalOffBy: 3 } })
    simulator.account.generate({ ...window, count: 50 })
    const page = (number: number) => ask(`recordings?page[number]=${number}&${created('2026-07-14T00:00:00Z', 'gte')}`)
    expect((await page(1)).body?.meta).toMatchObject({ total_results: 53, total_pages: 3 })
    const first = (await page(1)).body?.data[0]
    simulator.traps = { ...noTraps, repeatedPage: 'stated' }
    expect((await page(2)).body).toMatchObject({ data: { 0: { id: first.id } }, meta: { page_number: 1 } })
    simulator.traps.repeatedPage = 'hidden'
    expect((await page(2)).body).toMatchObject({ data: { 0: { id: first.id } }, meta: { page_number: 2 } })
    simulator.traps = { ...noTraps, emptySecondPage: true }
    expect([(await page(2)).body?.data.length, (await page(3)).body?.data.length]).toEqual([0, 10])
    simulator.traps = { ...noTraps, strayRecording: true }
    const stray = (await page(1)).body
    expect(stray?.data[0].created_at).toBe('2026-07-13T00:00:00.000Z')
    expect(stray?.meta?.total_results).toBe(51)
  })

  test('connection_id may travel as a number of all its digits', async () => {
    const { simulator, ask } = await createSimulatorCase({ traps: { connectionIdAsNumber: true } })
    simulator.account.add({ connection_id: '1752000000000000621' })
    expect((await ask('recordings')).text).toContain('"connection_id":1752000000000000621,')
  })
})

describe('transcriptions', () => {
  test('are found by recording and by time; the newer may be in progress (trap 17)', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const recording = simulator.account.add({ created_at: '2026-07-14T10:00:00.000Z', duration_millis: 60_000 })
    const older = simulator.account.transcribe(recording)
    const newer = simulator.account.transcribe(recording, {
      status: 'in-progress',
      created_at: '2026-07-14T11:00:00.000Z',
    })
    simulator.account.transcribe(simulator.account.add({ created_at: '2026-07-14T12:00:00.000Z' }))
    const { body } = await ask(`recording_transcriptions?filter[recording_id]=${recording}`)
    expect(body?.data).toMatchObject([
      { id: newer, recording_id: recording, status: 'in-progress', transcription_text: null },
      { id: older, status: 'completed', duration_millis: 60_000, created_at: '2026-07-14T10:00:30.000Z' },
    ])
    expect(body?.data[1].transcription_text).toMatch(/^\w.+[.?]$/)
    const early = await ask(`recording_transcriptions?${created('2026-07-14T10:00:30Z', 'lte')}`)
    expect(early.body?.data).toMatchObject([{ id: older }])
    simulator.account.changeTranscription(newer, { status: 'completed', transcription_text: 'Done.' })
    expect((await ask(`recording_transcriptions/${newer}`)).body?.data).toMatchObject({
      transcription_text: 'Done.',
      updated_at: '2026-07-15T12:00:00.000Z',
    })
  })

  test('meta is of page numbers or of tokens, which lead on to the end (trap 17)', async () => {
    const { simulator, ask } = await createSimulatorCase()
    const recording = simulator.account.add({ created_at: '2026-07-14T10:00:00.000Z' })
    const ids = [1, 2, 3].map(() => simulator.account.transcribe(recording))
    const query = `recording_transcriptions?page[size]=2&filter[recording_id]=${recording}`
    expect((await ask(query)).body?.meta).toEqual({ page_number: 1, page_size: 2, total_pages: 2, total_results: 3 })
    simulator.traps.transcriptionMeta = 'token'
    const first = await ask(query)
    expect(first.body?.data).toMatchObject([{ id: ids[2] }, { id: ids[1] }])
    const { next } = first.body?.meta ?? {}
    expect(next).toMatch(/^\/v2\/recording_transcriptions\?.*page%5Bafter%5D=/)
    const last = await ask(String(next).replace('/v2/', ''))
    expect(last.body?.data).toMatchObject([{ id: ids[0] }])
    expect(last.body?.meta).toMatchObject({ cursors: { after: null }, next: null })
    expect((await ask(query.replace('size]=2', 'size]=3'))).body?.meta).toMatchObject({ next: null })
    const back = await ask(String(last.body?.meta?.previous).replace('/v2/', ''))
    expect(back.body?.data).toEqual(first.body?.data)
    simulator.traps.transcriptionMeta = 'token-elsewhere'
    expect(new URL(String((await ask(query)).body?.meta?.next)).origin).not.toBe(new URL(simulator.baseUrl).origin)
  })
})

describe('the other lists', () => {
  test("the account's phone numbers are paged", async () => {
    const { simulator, ask } = await createSimulatorCase()
    const { body } = await ask('phone_numbers?page[size]=3&page[number]=3')
    expect(body?.data).toMatchObject([{ phone_number: '+15125559007' }, { phone_number: '+15125559008' }])
    expect(simulator.account.ownNumbers).toHaveLength(8)
  })

  test('call events are found by leg or session; an unknown filter finds unrelated ones (trap 20)', async () => {
    const { simulator, ask, data } = await createSimulatorCase()
    const id = simulator.account.add({
      recording_started_at: '2026-07-10T10:00:00.000Z',
      from: '+15125550123',
      to: '+15125559001',
    })
    const { call_leg_id, call_session_id } = simulator.account.get(id) ?? {}
    simulator.account.addCallEvent({ call_leg_id })
    const byLeg = (await ask(`call_events?filter[leg_id]=${call_leg_id}&filter[name]=call.initiated`)).body?.data
    expect(byLeg).toMatchObject([
      {
        record_type: 'call_event',
        call_leg_id,
        call_session_id,
        event_timestamp: '2026-07-10T10:00:00.000000Z',
        name: 'call.initiated',
        type: 'webhook',
        metadata: { payload: { direction: 'incoming', from: '+15125550123', to: '+15125559001' } },
      },
    ])
    expect((await ask(`call_events?filter[application_session_id]=${call_session_id}`)).body?.data).toEqual(byLeg)
    // Without an id only the last 24 h are read, and the event is five days old.
    expect((await ask('call_events?filter[name]=call.initiated')).body?.data).toEqual([])
    const [unrelated, ...more] = await data(`call_events?filter[call_session_id]=${call_session_id}`)
    expect(more).toEqual([])
    expect(unrelated.call_session_id).not.toBe(call_session_id)
    const twoBounds = 'filter[occurred_at][gt]=2026-07-14T00:00:00Z&filter[occurred_at][lt]=2026-07-15T00:00:00Z'
    expect((await ask(`call_events?${twoBounds}`)).status).toBe(400)
    simulator.traps.strayCallEvents = true
    expect((await ask(`call_events?filter[leg_id]=${call_leg_id}`)).body?.data).toHaveLength(2)
  })

  test('detail records answer a bad date filter with no rows, and a bad type with 400 (trap 20)', async () => {
    const { simulator, ask } = await createSimulatorCase()
    simulator.account.add({ recording_started_at: '2026-07-15T10:00:00.000Z', to: '+15125559001' })
    const rows = (query: string) => ask(`detail_records?filter[record_type]=call-control&${query}`)
    expect((await rows('')).body?.data).toMatchObject([{ direction: 'inbound', cld: '+15125559001' }])
    expect((await rows('filter[date_range]=last_7_days')).body?.data).toHaveLength(1)
    expect((await rows('filter[started_at][gte]=2026-07-15T10:00:01Z')).body?.data).toEqual([])
    for (const value of ['2026-07-01T00:00:00Z', 'last_7_days']) {
      const badRange = await rows(`filter[date_range][gte]=${value}`)
      expect([badRange.status, badRange.body?.data]).toEqual([200, []])
    }
    expect((await rows('filter[created_at][gte]=2026-07-01T00:00:00Z')).status).toBe(400)
    const badType = await ask('detail_records?filter[record_type]=voice')
    expect([badType.status, badType.body?.errors]).toMatchObject([400, [{ code: '10011' }]])
    expect((await rows('page[size]=51')).status).toBe(422)
  })
})

test('a simulator that is closed answers nobody', async () => {
  const simulator = await startTelnyxSimulator({ apiKey })
  await simulator.close()
  await expect(fetch(`${simulator.baseUrl}/recordings`)).rejects.toThrow('fetch failed')
})
