import { expect, onTestFinished, test } from 'vitest'
import { startTravtusSimulator } from '../../src/simulator/travtus/simulator.ts'

const client = { clientId: 'client', clientSecret: 'travtus-not-a-real-secret' }

const createCase = async () => {
  const clock = { now: 0 }
  const simulator = await startTravtusSimulator({ ...client, now: () => clock.now })
  onTestFinished(() => simulator.close())
  const login = async (secret = client.clientSecret) => {
    const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: secret }
    const response = await fetch(`${simulator.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any answer
    const body: any = await response.json()
    return { status: response.status, body }
  }
  const ask = async (query: string, token: string | null) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${simulator.url}/communities/?${query}`, { headers })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads members of any answer
    const body: any = await response.json()
    return { status: response.status, body }
  }
  return { simulator, clock, login, ask, token: async () => (await login()).body.access_token }
}

test('logins give tokens of an hour, refuse other secrets, and are throttled when there are many', async () => {
  const { simulator, clock, login, ask } = await createCase()
  const { body } = await login()
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  expect((await login('other')).status).toBe(401)
  clock.now = 3_600_000_000
  expect(await ask('name=a', body.access_token)).toEqual({
    status: 401,
    body: { error: { type: 'expired_token', message: 'The token has expired.' } },
  })
  expect((await ask('name=a', 'stranger')).body.error.type).toBe('invalid_authorization')
  expect((await ask('name=a', null)).body.error.type).toBe('missing_authorization')
  simulator.traps.mostLogins = 1
  expect((await login()).status).toBe(429)
})

test('communities need a parameter, are 404 when there are none, and come a hundred at a time', async () => {
  const { simulator, ask, token } = await createCase()
  const good = await token()
  expect((await ask('', good)).body).toEqual({
    error: { type: 'no_search_parameters', message: 'Give at least one parameter.' },
  })
  expect(await ask('name=a', good)).toEqual({ status: 404, body: { error: 'No communities found' } })
  for (let index = 0; index < 101; index += 1)
    simulator.addCommunity({ community_id: `uuid-${index}`, community_external_ref: `ref-${index}`, name: 'Many' })
  const first = await ask('name=Many', good)
  expect([first.body.communities.length, first.body.last_id]).toEqual([100, 101])
  const second = await ask('name=Many&after_id=101', good)
  expect([second.body.communities.length, second.body.last_id]).toEqual([1, -1])
  expect((await ask('community_id=ref-7', good)).status).toBe(404)
  expect((await ask('community_external_ref=ref-7&name=Many', good)).body.communities[0].community_id).toBe('uuid-7')
})
