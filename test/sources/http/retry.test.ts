import { describe, expect, test } from 'vitest'
import { AttemptFailed } from '../../../src/sources/http/attempt-failed.ts'
import { maxAttempts, repetitions } from '../../../src/sources/http/retry-limits.ts'
import { bare, json, raw, type Script, startScriptedServer } from '../../support/scripted-server.ts'
import { asking, clientOf, failureOf } from './asking.ts'

const ok = json({ ok: true })

/** What a client makes of these answers, and how many requests it took. */
const outcome = async (scripts: readonly Script[], settings: Parameters<typeof clientOf>[1] = {}) => {
  const server = await startScriptedServer(...scripts)
  const client = clientOf(server.url, settings)
  const answer = await client.json({ path: '/x' }, asking()).then(({ body }) => body, String)
  const gaps = server.seen.map(({ at }, index) => at - (server.seen[index - 1]?.at ?? at)).slice(1)
  return { answer, requests: server.seen.length, counted: client.requests(), gaps }
}

describe('by status', () => {
  test.each([408, 429, 500, 502, 503, 504, 520, 529])('%i is asked again', async (status) => {
    expect(await outcome([bare(status), ok])).toMatchObject({ answer: { ok: true }, requests: 2, counted: 2 })
  })

  test.each([400, 404, 405, 409, 410, 422, 501, 505])('%i is not', async (status) => {
    const { answer, requests } = await outcome([bare(status), ok])
    expect(answer).toBe(
      `SourceProtocolError: connection front-desk: Telnyx refuses GET /x (${status}); check base_url and the settings of ` +
        'the connection; if they are right the API has changed: report it',
    )
    expect(requests).toBe(1)
  })

  test('400 is not, though its text says too many requests', async () => {
    const body = { errors: [{ code: 10011, title: 'Too many requests' }] }
    expect(await outcome([json(body, 400), ok])).toMatchObject({ requests: 1 })
  })

  test('401 is a matter of configuration at once', async () => {
    const settings = { explain: () => '10009: Authentication failed' }
    const { answer, requests } = await outcome([json({}, 401, { 'x-should-retry': 'true' }), ok], settings)
    expect(answer).toBe(
      'ConfigError: connection front-desk: Telnyx refuses api_key (401: 10009: Authentication failed); put a valid key ' +
        'into api_key',
    )
    expect(requests).toBe(1)
  })

  test('403 is too, and names what is not allowed', async () => {
    const { answer, requests } = await outcome([json({}, 403), ok])
    expect(answer).toBe(
      'ConfigError: connection front-desk: Telnyx does not let api_key GET /x (403); give the key that right, or put one ' +
        'that has it into api_key',
    )
    expect(requests).toBe(1)
  })

  test('x-should-retry: false ends it, true forces it', async () => {
    expect(await outcome([bare(503, { 'x-should-retry': 'false' }), ok])).toMatchObject({
      answer:
        'TransientError: connection front-desk: Telnyx, GET /x: tried once, at last 503; the next run tries again',
      requests: 1,
    })
    expect(await outcome([bare(409, { 'x-should-retry': 'true' }), ok])).toMatchObject({ requests: 2 })
    expect(await outcome([bare(404, { 'x-should-retry': 'true' }), ok])).toMatchObject({ requests: 1 })
    expect(await outcome([bare(302, { 'x-should-retry': 'true' }), ok])).toMatchObject({ requests: 1 })
  })

  test('a POST is repeated like a GET: ours are queries', async () => {
    const server = await startScriptedServer(bare(503), ok)
    await clientOf(server.url).json({ method: 'POST', path: '/query', body: { a: 1 } }, asking())
    expect(server.seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}'])
  })

  test('six attempts are the end, and the last answer is named', async () => {
    const settings = { explain: (body: unknown) => (body === undefined ? 'no JSON' : null) }
    expect(await outcome([raw('<oops', 503)], settings)).toMatchObject({
      answer:
        'TransientError: connection front-desk: Telnyx, GET /x: tried 6 times, at last 503: no JSON; the next run tries again',
      requests: 6,
      counted: 6,
    })
  })
})

describe('the wait', () => {
  test('is half a second where nothing else is set, then twice as long as before, for six attempts', () => {
    const waitBefore = repetitions()
    const failed = new AttemptFailed('500', { kind: 'transient' })
    const waits = [1, 2, 3, 4, 5].map((attempt) => waitBefore(failed, attempt) ?? 0)
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(375 * 2 ** index)
      expect(wait).toBeLessThanOrEqual(500 * 2 ** index)
    }
    expect(maxAttempts).toBe(6)
  })

  test('doubles from attempt to attempt, less up to a quarter', async () => {
    const { gaps } = await outcome([bare(500)], { retry: { firstDelayMs: 20 } })
    const least = [15, 30, 60, 120, 240]
    expect(gaps).toHaveLength(5)
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual((least[index] ?? 0) - 2)
  })

  test.each([
    ['retry-after-ms before retry-after', 429, { 'retry-after-ms': '200', 'retry-after': '100' }],
    [
      'retry-after in seconds, also fractional, before the reset of the limit',
      503,
      { 'retry-after': '0.2', reset: '100' },
    ],
    ['the reset of the limit with 429', 429, { reset: '0.2' }],
    ['the reset of the limit, where retry-after is no time', 429, { 'retry-after': 'soon', reset: '0.2' }],
  ])('is what the vendor asks for: %s', async (_, status, headers) => {
    const { gaps } = await outcome([bare(status, headers), ok], {
      rateLimit: (given) => ({ remaining: null, resetMs: Number(given.get('reset') ?? Number.NaN) * 1000 }),
    })
    expect(gaps).toHaveLength(1)
    expect(gaps[0]).toBeGreaterThanOrEqual(190)
    expect(gaps[0]).toBeLessThan(5000)
  })

  test('is measured by the clock of the vendor, where retry-after is a date', async () => {
    const date = 'Tue, 20 Nov 2001 10:00:00 GMT'
    const { gaps } = await outcome([bare(503, { date, 'retry-after': 'Tue, 20 Nov 2001 10:00:01 GMT' }), ok])
    expect(gaps[0]).toBeGreaterThanOrEqual(990)
    expect(gaps[0]).toBeLessThan(5000)
  })

  test.each([
    ['a reset without 429', 503, { reset: '100' }],
    ['a date in the past', 503, { 'retry-after': 'Tue, 20 Nov 2001 10:00:00 GMT' }],
    ['no number', 429, { 'retry-after': '-5', 'retry-after-ms': 'NaN', reset: 'x' }],
    ['zero', 429, { 'retry-after': '0' }],
  ])('is ours, where the vendor gives %s', async (_, status, headers) => {
    const settings = {
      rateLimit: (given: Headers) => ({ remaining: null, resetMs: Number(given.get('reset') ?? 0) * 1000 }),
      retry: { firstDelayMs: 40 },
    }
    const { gaps } = await outcome([bare(status, headers), ok], settings)
    expect(gaps[0]).toBeGreaterThanOrEqual(28)
    expect(gaps[0]).toBeLessThan(5000)
  })

  test.each([181, 3600])('of more than three minutes is left to the next run: %i s', async (seconds) => {
    const server = await startScriptedServer(bare(429, { 'retry-after': `${seconds}` }))
    const client = clientOf(server.url)
    const failure = `TransientError: connection front-desk: Telnyx asks to wait ${seconds} s; run again after that`
    expect(await failureOf(client.json({ path: '/x' }, asking()))).toBe(failure)
    expect(await failureOf(client.json({ path: '/y' }, asking()))).toMatch(/^TransientError: .* asks to wait \d+ s/)
    expect(client.requests()).toBe(1)
  })

  test('adds up to a limit', async () => {
    const settings = { retry: { totalWaitMs: 250 } }
    expect(await outcome([bare(429, { 'retry-after-ms': '100' })], settings)).toMatchObject({
      answer:
        'TransientError: connection front-desk: Telnyx, GET /x: tried 3 times, at last 429; the next run tries again',
      requests: 3,
    })
  })

  test('is told when it is long', async () => {
    const server = await startScriptedServer(bare(429, { 'retry-after-ms': '120' }), bare(503), ok)
    const context = asking()
    await clientOf(server.url, { retry: { firstDelayMs: 1, tellAboveMs: 100 } }).json({ path: '/x' }, context)
    expect(context.notices).toEqual(['Telnyx asks to wait 1 s'])
  })
})

describe('what is no JSON', () => {
  test.each([
    ['an HTML page', raw('<!DOCTYPE html><p>Sign in', 200, { 'content-type': 'text/html' })],
    ['XML', raw('<?xml version="1.0"?><Error/>')],
    ['JSON that ends too early, after 14 bytes', raw('{"data":[{"a":')],
    ['JSON that ends too early, after 15 bytes', raw('{"data":[{"a":1')],
    ['11 bytes that are no JSON', raw('{"data":[]]')],
    ['2 bytes that are no JSON', raw('no')],
    ['9 bytes that are no UTF-8 text', raw(Buffer.from('{"a":"\xff"}', 'latin1'))],
    ['JSON that is nested too deep', raw(`${'['.repeat(600)}${']'.repeat(600)}`)],
  ])('is asked for twice more: %s', async (what, script) => {
    expect(await outcome([script])).toMatchObject({
      answer:
        `UnreadableAnswer: connection front-desk: Telnyx, GET /x: tried 3 times, at last the answer was ${what} ` +
        '(status 200); check base_url and the proxies in between',
      requests: 3,
    })
    expect(await outcome([script, script, ok])).toMatchObject({ answer: { ok: true }, requests: 3 })
  })

  test('is counted apart from other failures', async () => {
    const page = raw('<html>')
    expect(await outcome([bare(503), bare(503), bare(503), page, page, ok])).toMatchObject({ requests: 6 })
  })

  test('does not hide a refusal', async () => {
    expect(await outcome([raw('<html>', 422)])).toMatchObject({ answer: expect.stringContaining('(422)'), requests: 1 })
  })
})
