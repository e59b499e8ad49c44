import { describe, expect, test } from 'vitest'
import { ConfigError, SourceProtocolError, TransientError } from '../../src/domain/errors.ts'
import { findCommunities } from '../../src/travtus/find-communities.ts'
import { clientSecret, openAtSimulator } from './open-travtus.ts'

const context = { signal: new AbortController().signal }

describe('communities at Travtus', () => {
  test('are found by the Travtus id and by the reference of the client, which are two things', async () => {
    const { api } = await openAtSimulator()
    const maple = { id: 'uuid-maple', externalRef: 'MC-01', name: 'Maple Court', status: 'active' }
    expect(await findCommunities(api, 'community_id', 'uuid-maple', context)).toEqual([maple])
    expect(await findCommunities(api, 'community_external_ref', 'MC-01', context)).toEqual([maple])
    expect(await findCommunities(api, 'community_id', 'MC-01', context)).toEqual([])
    expect(await findCommunities(api, 'community_external_ref', 'uuid-maple', context)).toEqual([])
  })

  test('are read to the last page', async () => {
    const { api, simulator, asked } = await openAtSimulator()
    for (let index = 0; index < 101; index += 1)
      simulator.addCommunity({ community_id: `uuid-${index}`, community_external_ref: 'same', name: 'Many' })
    expect(await findCommunities(api, 'community_external_ref', 'same', context)).toHaveLength(101)
    expect(asked()).toEqual(['/oauth2/token 200', '/communities/ 200', '/communities/ 200'])
    expect(simulator.requests.at(-1)?.query).toEqual([
      ['community_external_ref', 'same'],
      ['after_id', '103'],
    ])
  })

  test('cost one login, however many are asked for', async () => {
    const { api, simulator, asked } = await openAtSimulator()
    simulator.traps.mostLogins = 1
    await Promise.all(['a', 'b', 'c'].map((id) => findCommunities(api, 'community_id', id, context)))
    expect(asked()).toEqual(['/oauth2/token 200', '/communities/ 404', '/communities/ 404', '/communities/ 404'])
  })

  test('are asked for again with a new token, once, when the token has expired', async () => {
    const clock = { now: Date.now() * 1000 }
    const { api, asked } = await openAtSimulator({ now: () => clock.now })
    await findCommunities(api, 'community_id', 'uuid-oak', context)
    clock.now += 3_600_000_000
    expect(await findCommunities(api, 'community_id', 'uuid-oak', context)).toHaveLength(1)
    expect(asked()).toEqual([
      '/oauth2/token 200',
      '/communities/ 200',
      '/communities/ 401',
      '/oauth2/token 200',
      '/communities/ 200',
    ])
  })

  test('are given up when every new token has expired, too', async () => {
    const { api, simulator, asked } = await openAtSimulator()
    simulator.traps.tokenRequests = 0
    await expect(findCommunities(api, 'community_id', 'a', context)).rejects.toThrow(
      new ConfigError([
        'travtus: Travtus refuses its own token (401: expired_token, The token has expired.); check client_id, client_secret and base_url',
      ]),
    )
    expect(asked()).toHaveLength(4)
  })

  test('are not asked for again with a token that never was good', async () => {
    const { api, simulator, asked } = await openAtSimulator()
    simulator.traps.refusesTokens = true
    await expect(findCommunities(api, 'community_id', 'a', context)).rejects.toThrow(/invalid_authorization/)
    expect(asked()).toEqual(['/oauth2/token 200', '/communities/ 401'])
  })

  test('need good credentials, which the refusal of others does not show', async () => {
    const { api, asked } = await openAtSimulator({ secret: 'another-not-a-real-secret' })
    await expect(findCommunities(api, 'community_id', 'a', context)).rejects.toThrow(
      new ConfigError([
        'travtus: Travtus refuses the login (401: invalid_client [redacted]); check client_id, client_secret and base_url',
      ]),
    )
    expect(asked()).toEqual(['/oauth2/token 401'])
  })

  test.each(['rate-limited', 'server-error'] as const)('are waited for when an answer is %s', async (fault) => {
    const { api, simulator, asked } = await openAtSimulator()
    simulator.traps.faults = [fault, fault, fault]
    expect(await findCommunities(api, 'community_id', 'uuid-oak', context)).toHaveLength(1)
    expect(asked()).toHaveLength(5)
    simulator.traps.everyRequest = fault
    await expect(findCommunities(api, 'community_id', 'uuid-oak', context)).rejects.toThrow(TransientError)
  })

  test.each([
    ['html', /an HTML page/],
    ['other-communities', /it shows other communities than community_id asked for/],
  ] as const)('are not taken from an answer that is %s', async (fault, message) => {
    const { api, simulator } = await openAtSimulator()
    simulator.traps.everyRequest = fault
    const found = findCommunities(api, 'community_id', 'uuid-oak', context)
    await expect(found).rejects.toThrow(SourceProtocolError)
    await expect(found).rejects.toThrow(message)
  })

  test('are not said to be unknown where the API is not', async () => {
    const { api } = await openAtSimulator()
    const elsewhere = {
      ask: (request: Parameters<typeof api.ask>[0]) => api.ask({ ...request, path: '/v9/communities/' }, context),
    }
    await expect(findCommunities(elsewhere, 'community_id', 'uuid-oak', context)).rejects.toThrow(
      'travtus: GET /communities/: it is not there (404); check base_url; if it is right the API has changed: report it',
    )
  })

  test('stop with the command', async () => {
    const { api } = await openAtSimulator()
    const stopped = AbortSignal.abort(new Error('stopped by the operator'))
    await expect(findCommunities(api, 'community_id', 'a', { signal: stopped })).rejects.toThrow(
      'stopped by the operator',
    )
  })
})

test('the secret is in no request but the login', async () => {
  const { api, simulator } = await openAtSimulator()
  await findCommunities(api, 'community_id', 'a', context)
  expect(JSON.stringify(simulator.requests)).not.toContain(clientSecret)
})
