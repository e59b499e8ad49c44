import { describe, expect, onTestFinished, test } from 'vitest'
import { SourceProtocolError, WindowTooLarge } from '../../../src/domain/errors.ts'
import { Secret } from '../../../src/domain/secret.ts'
import { startDotdoSimulator } from '../../../src/simulator/dotdo/simulator.ts'
import { readList } from '../../../src/sources/dotdo/answer.ts'
import { dotdoSettings } from '../../../src/sources/dotdo/settings.ts'
import { openDotdo } from '../../../src/sources/dotdo/source.ts'
import type { Fetched, StubPage } from '../../../src/sources/source.ts'
import { shortWaits } from '../../support/short-waits.ts'

const apiKey = 'dotdo-not-a-real-token-5f1c'

const now = Date.UTC(2026, 6, 15) * 1000
const yesterday = { from: now - 86_400_000_000, to: now }

const answer = { status: 200, headers: new Headers(), askedAt: now, servedAt: now }

const openAccount = async (settings: object = {}) => {
  const simulator = await startDotdoSimulator({ apiKey, now: () => now })
  onTestFinished(() => simulator.close())
  const written = {
    api_key: new Secret(apiKey),
    base_url: simulator.baseUrl,
    path: simulator.path,
    start: '2026-01-01',
  }
  const read = dotdoSettings.parse({ ...written, requests_per_second: 1000, ...settings })
  const source = openDotdo(read, { connectionId: 'recordings', folder: '/', retry: shortWaits })
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const context = { signal: new AbortController().signal }
  const list = async (window = yesterday): Promise<readonly StubPage[]> => {
    const pages: StubPage[] = []
    for await (const page of stream.list(window, context)) pages.push(page)
    return pages
  }
  const fetch = async (...ids: readonly string[]): Promise<readonly Fetched[]> => {
    const all: Fetched[] = []
    for await (const one of stream.fetch(
      ids.map((recordId) => ({ recordId, parentId: null })),
      context,
    ))
      all.push(one)
    return all
  }
  return { simulator, source, stream, context, list, fetch }
}

describe('a listing', () => {
  test('is asked for by creation along its page tokens, and its secret links change nothing', async () => {
    const { simulator, list } = await openAccount({ page_size: 2 })
    const ids = simulator.generate({ ...yesterday, count: 3 })
    const pages = await list()
    expect(pages.flatMap(({ stubs }) => stubs.map(({ recordId }) => recordId)).sort()).toEqual([...ids].sort())
    const bounds = { createdFrom: '2026-07-14T00:00:00Z', createdTo: '2026-07-15T00:00:00Z', limit: '2' }
    expect(simulator.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
      bounds,
      { ...bounds, pageToken: 'from-2' },
    ])
    const again = await list()
    const prints = (all: readonly StubPage[]) => all.flatMap(({ stubs }) => stubs.map(({ fingerprint }) => fingerprint))
    expect(prints(again)).toEqual(prints(pages))
    expect(JSON.stringify(again)).not.toContain('sig=')
  })

  test('is asked for in the words of the settings', async () => {
    const parameters = { from: 'filter[created][gte]', to: 'until', limit: 'size', times: 'unix_ms' }
    const { simulator, list } = await openAccount({ parameters })
    await list()
    expect(Object.fromEntries(simulator.requests[0]?.query ?? [])).toEqual({
      'filter[created][gte]': '1783987200000',
      until: '1784073600000',
      size: '100',
    })
  })

  test('goes on behind a token that is a number, and fails at one that is none', async () => {
    const { simulator, list } = await openAccount({ page_size: 2 })
    simulator.traps.tokens = 'number'
    const ids = simulator.generate({ ...yesterday, count: 5 })
    const pages = await list()
    expect(pages.flatMap(({ stubs }) => stubs.map(({ recordId }) => recordId)).sort()).toEqual([...ids].sort())
    expect(() => readList({ ...answer, body: { data: [], nextPageToken: { id: 2 } } }, 'what')).toThrow(
      /what: nextPageToken is no text/,
    )
    expect(readList({ ...answer, body: { data: [], meta: { nextPageToken: 'x' } } }, '').nextToken).toBe('x')
  })

  test('that is full, and does not say whether there are more, is halved; one that is not is all there is', async () => {
    const { simulator, list } = await openAccount({ page_size: 4 })
    simulator.traps.tokens = 'missing'
    simulator.generate({ ...yesterday, count: 3 })
    expect((await list()).flatMap(({ stubs }) => stubs)).toHaveLength(3)
    simulator.generate({ ...yesterday, count: 6 })
    await expect(list()).rejects.toThrow(WindowTooLarge)
  })

  test('that holds a record of another time, or is none, fails', async () => {
    const { simulator, list } = await openAccount()
    simulator.traps.filtersIgnored = true
    simulator.add({ id: 'stray', created: 1_783_000_000 })
    await expect(list()).rejects.toThrow(/holds stray, created .* which was not asked for/)
    const elsewhere = await openAccount({ path: `${simulator.path}/nothing` })
    await expect(elsewhere.list()).rejects.toThrow(SourceProtocolError)
  })
})

describe('a record by its id', () => {
  test('is retrieved; what the API denies is gone, and what a proxy denies is not', async () => {
    const { simulator, fetch } = await openAccount()
    const id = simulator.add({ created: 1_784_041_331, status: 'processing' })
    Object.assign(simulator.traps.refused, { hidden: 403, lost: 404 })
    expect(await fetch(id, 'none', 'hidden', 'lost', '.')).toMatchObject([
      { kind: 'record', stub: { recordId: id, version: 1_784_041_331_000_000 } },
      { kind: 'gone', recordId: 'none' },
      { kind: 'unavailable', recordId: 'hidden' },
      { kind: 'unavailable', recordId: 'lost' },
      { kind: 'unavailable', recordId: '.' },
    ])
  })
})

test('a link is generated for who asks', async () => {
  const { simulator, source, context } = await openAccount()
  const id = simulator.add()
  expect(await source.resolve?.({ recordId: id, parentId: null, messageId: id }, context)).toEqual({
    url: `https://storage.example.test/${id}.mp3?sig=simulated`,
    expiresAt: 1_790_000_000_000_000,
    mediaType: 'audio/mpeg',
  })
  expect(simulator.requests.map(({ method, path }) => [method, path])).toEqual([
    ['POST', `${simulator.path}/${id}/generateSecureUrl`],
  ])
  await expect(source.resolve?.({ recordId: 'none', parentId: null, messageId: 'none' }, context)).rejects.toThrow(
    /no link to it \(404\)/,
  )
})
