import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/domain/errors.ts'
import { isJsonObject } from '../../../src/transform/json-object.ts'
import { hour, minute } from '../opened-source.ts'
import { contact, contactId } from './fixtures.ts'
import { openOrganization, today, yesterday } from './open-organization.ts'

const start = yesterday.from + 10 * hour
const recordings = 'GET /conversations/{}/recordings'

const recordOf = (fetched: unknown) => {
  const stub = isJsonObject(fetched) ? fetched.stub : undefined
  const record = isJsonObject(stub) ? stub.record : undefined
  if (!isJsonObject(record)) throw new Error(`no record: ${JSON.stringify(fetched)}`)
  return record
}

describe('the recordings of a conversation', () => {
  test('cost one request when the page being read has listed it', async () => {
    const { simulator, stream, context, asked } = await openOrganization()
    const ids = simulator.account.generate({ ...yesterday, count: 3 })
    for await (const { stubs } of stream.list(yesterday, context)) {
      const refs = stubs.map(({ recordId }) => ({ recordId: recordId ?? '', parentId: null }))
      const seen: string[] = []
      for await (const fetched of stream.fetch(refs, context)) {
        if (fetched.kind === 'record') seen.push(fetched.stub.recordId)
      }
      expect(seen.sort()).toEqual([...ids].sort())
    }
    expect(asked()).toEqual({
      'POST /oauth/token': 1,
      'POST /analytics/conversations/details/query': 1,
      [recordings]: 3,
    })
  })

  test('of others cost one more for fifty of them; one that is not among the answers is asked for by itself', async () => {
    const { simulator, fetch, asked } = await openOrganization()
    const ids = simulator.account.generate({ ...yesterday, count: 60 })
    const gone = '00000000-0000-4000-8000-000000009999'
    const fetched = await fetch(...ids, gone)
    expect(fetched.filter(({ kind }) => kind === 'record')).toHaveLength(60)
    expect(fetched.at(-1)).toEqual({
      kind: 'unavailable',
      recordId: gone,
      detail: 'Genesys Cloud does not show the conversation',
      notBefore: expect.any(Number),
    })
    expect(asked()).toEqual({
      'POST /oauth/token': 1,
      'GET /analytics/conversations/details': 2,
      'GET /analytics/conversations/{}/details': 1,
      [recordings]: 60,
    })
  })

  test('are stored without links, and the same from answer to answer', async () => {
    const { simulator, fetch } = await openOrganization({ traps: { annotations: true } })
    const id = simulator.account.add({ start })
    const [first] = await fetch(id)
    const [second] = await fetch(id)
    const record = recordOf(first)
    expect(recordOf(second)).toEqual(record)
    expect(JSON.stringify(record)).not.toMatch(/signature|annotations/i)
    simulator.traps.mediaUris = 'none'
    const [untranscoded] = await fetch(id)
    expect(recordOf(untranscoded)).toEqual(record)
    expect(record.recordings).toMatchObject([{ fileState: 'AVAILABLE' }])
  })

  test('are read one by one where one of them makes the answer for all a refusal', async () => {
    const { simulator, fetch } = await openOrganization()
    const [first = '', wrong = '', last = ''] = simulator.account.generate({ ...yesterday, count: 3 })
    simulator.onRequest = ({ path }) => {
      if (path.endsWith('/conversations/details') || path.includes(`/${wrong}/`)) simulator.traps.faults = ['refused']
    }
    expect(await fetch(first, wrong, last)).toMatchObject([
      { kind: 'record' },
      { kind: 'unavailable', recordId: wrong },
      { kind: 'record' },
    ])
  })

  test('are read whatever stands where divisions, participants and recordings belong', async () => {
    const { simulator, fetch } = await openOrganization()
    const hostile = {
      divisionIds: [{ toString: 1 }, null],
      participants: [null, { sessions: { 0: 1 } }],
      externalTag: [],
    }
    const id = simulator.account.add({ start, detail: hostile })
    simulator.account.changeRecording(id, simulator.account.recordings(id)[0] ?? '', {
      users: [null, { name: ['x'] }],
      mediaSubtype: { toString: null },
      deleteDate: 1e300,
    })
    const [fetched] = await fetch(id)
    expect(recordOf(fetched).conversation).toMatchObject({ divisionIds: [{ toString: 1 }, null] })
  })

  test('that are being transcoded are waited for, without a word of deletion', async () => {
    const { simulator, fetch } = await openOrganization({ traps: { transcodingAnswers: 1 } })
    const id = simulator.account.add({ start })
    expect(await fetch(id)).toEqual([
      {
        kind: 'unavailable',
        recordId: id,
        detail: 'Genesys Cloud is transcoding its recordings',
        reason: 'transcoding',
      },
    ])
    expect(await fetch(id)).toMatchObject([{ kind: 'record' }])
  })

  test('that are not there, an empty list or a 404, are none so far', async () => {
    const { simulator, fetch } = await openOrganization({ traps: { notFoundAnswers: 1, emptyFor: 15 * hour } })
    const id = simulator.account.add({ start })
    const [missing] = await fetch(id)
    expect(recordOf(missing).recordings).toEqual([])
    const [empty] = await fetch(id)
    expect(recordOf(empty).recordings).toEqual([])
    simulator.traps.emptyFor = 0
    const [there] = await fetch(id)
    expect(recordOf(there).recordings).toHaveLength(1)
  })

  test('of another division are unavailable; without the permission the client is wrong', async () => {
    const { simulator, fetch } = await openOrganization({ traps: { recordingsRefused: 'division' } })
    const id = simulator.account.add({ start })
    expect(await fetch(id)).toMatchObject([
      { kind: 'unavailable', detail: expect.stringContaining('403: recording.recording.view.permission.check.failed') },
    ])
    simulator.traps.recordingsRefused = 'permission'
    await expect(fetch(id)).rejects.toThrow(/front-desk.*missing\.any\.permissions.*recording:recording:view/)
    await expect(fetch(id)).rejects.toBeInstanceOf(ConfigError)
  })

  test('of an id that no address can hold are not asked for', async () => {
    const { fetch, asked } = await openOrganization()
    expect(await fetch('../tokens/me')).toMatchObject([{ kind: 'unavailable' }])
    expect(asked()).toEqual({})
  })
})

describe('external contacts', () => {
  test('are asked for together, fifty at a time', async () => {
    const { simulator, fetch, asked } = await openOrganization()
    const ids = Array.from({ length: 60 }, (_, n) => {
      const id = simulator.account.addContact({ ...contact, id: `contact-${n}` })
      return simulator.account.add({ start: start + n * minute, contact: id })
    })
    const fetched = await fetch(...ids)
    expect(recordOf(fetched[7]).contacts).toEqual({ 'contact-7': { ...contact, id: 'contact-7' } })
    expect(asked()).toMatchObject({ 'POST /externalcontacts/bulk/contacts': 2 })
  })

  test('that were merged are those that they were merged into; unknown ones stay unknown', async () => {
    const { simulator, fetch } = await openOrganization()
    simulator.account.addContact({ ...contact, firstName: 'Joanna', id: 'kept' })
    simulator.account.addContact({ ...contact, id: contactId, canonicalContact: { id: 'kept' } })
    const merged = simulator.account.add({ start, contact: contactId })
    const unknown = simulator.account.add({ start, contact: 'nobody' })
    const fetched = await fetch(merged, unknown)
    expect(recordOf(fetched[0]).contacts).toMatchObject({ [contactId]: { firstName: 'Joanna' } })
    expect(recordOf(fetched[1]).contacts).toEqual({})
  })

  test('that the client may not see are told once, and cost no recording', async () => {
    const { simulator, fetch, notices } = await openOrganization({ traps: { contactsRefused: true } })
    const id = simulator.account.add({ start, contact: contactId })
    const [fetched] = await fetch(id)
    await fetch(id)
    expect(recordOf(fetched)).not.toHaveProperty('contacts')
    expect(notices).toEqual([expect.stringContaining('externalContacts:contact:view')])
  })

  test('that are refused for another reason stay unknown, told once, and cost no recording', async () => {
    const { simulator, fetch, notices } = await openOrganization()
    const id = simulator.account.add({ start, contact: 'no id at all' })
    simulator.onRequest = ({ path }) => {
      if (path.endsWith('/bulk/contacts')) simulator.traps.faults = ['refused']
    }
    const [fetched] = await fetch(id)
    await fetch(id)
    expect(recordOf(fetched).contacts).toEqual({})
    expect(notices).toEqual([expect.stringContaining('bad.request')])
  })

  test('are not asked for when they are switched off', async () => {
    const { simulator, fetch, asked } = await openOrganization({ settings: { external_contacts: false } })
    await fetch(simulator.account.add({ start, contact: contactId }))
    expect(asked()).not.toHaveProperty('POST /externalcontacts/bulk/contacts')
  })
})

describe('voice transcripts', () => {
  test('are read through their link, without the token', async () => {
    const { simulator, fetch } = await openOrganization({ settings: { transcripts: true } })
    const id = simulator.account.add({ start })
    const without = simulator.account.add({ start })
    simulator.account.transcribe(simulator.account.sessionOf(id), [
      { text: 'Hello', participantPurpose: 'external' },
      { text: 'Leasing office.', participantPurpose: 'internal' },
      { text: 'Thanks' },
    ])
    const [fetched, other] = await fetch(id, without)
    const [recording = ''] = simulator.account.recordings(id)
    expect(recordOf(fetched).transcripts).toEqual({ [recording]: 'Customer: Hello\nAgent: Leasing office.\nThanks' })
    expect(recordOf(other).transcripts).toEqual({})
  })

  test.each([
    'http://media.example.test/in-clear',
    'file:///etc/passwd',
    'https://media.example.test//twice',
    'no address',
  ])('at %s are not read, and cost no recording', async (transcriptLink) => {
    const { simulator, fetch } = await openOrganization({ settings: { transcripts: true }, traps: { transcriptLink } })
    const id = simulator.account.add({ start })
    simulator.account.transcribe(simulator.account.sessionOf(id), [{ text: 'Hello' }])
    const [fetched] = await fetch(id)
    expect(recordOf(fetched).transcripts).toEqual({})
  })

  test('that are no JSON are told once, without the signature, and cost no recording', async () => {
    const { simulator, fetch, notices } = await openOrganization({ settings: { transcripts: true } })
    const id = simulator.account.add({ start })
    simulator.account.transcribe(simulator.account.sessionOf(id), [{ text: 'Hello' }])
    simulator.traps.transcriptLink = `${simulator.url}/oauth/token?X-Amz-Signature=fake`
    const [fetched] = await fetch(id)
    expect(recordOf(fetched).transcripts).toEqual({})
    expect(notices).toEqual([expect.stringContaining('a transcript cannot be read')])
    expect(notices.join()).not.toContain('fake')
  })
})

describe('the token', () => {
  test('is asked for once, and once more when it is refused before its time', async () => {
    const { simulator, fetch, asked } = await openOrganization({ traps: { tokenRequests: 5 } })
    const ids = simulator.account.generate({ ...yesterday, count: 6 })
    const fetched = await fetch(...ids)
    expect(fetched.map(({ kind }) => kind)).toEqual(Array(6).fill('record'))
    const { [recordings]: recordingsAsked = 0, ...others } = asked()
    expect(others).toEqual({ 'POST /oauth/token': 2, 'GET /analytics/conversations/details': 1 })
    // When it had been used five times one was refused, and the last one too, if it was on its way already.
    expect([7, 8]).toContain(recordingsAsked)
  })

  test('that is refused as soon as it is given is a matter of configuration', async () => {
    const { source, context, asked } = await openOrganization({ traps: { refusesTokens: true } })
    await expect(source.check(context)).rejects.toThrow(/front-desk.*client_secret \(401\).*base_url and login_url/)
    expect(asked()).toEqual({ 'POST /oauth/token': 2, 'GET /tokens/me': 2 })
  })

  test.each([400, 401] as const)(
    'is refused with %i to a wrong secret, which is asked with once and not shown',
    async (loginStatus) => {
      const secret = 'a-wrong-secret-of-somebody'
      const { source, context, simulator } = await openOrganization({ secret, traps: { loginStatus } })
      const error: unknown = await source.check(context).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ConfigError)
      expect(String(error)).toMatch(/front-desk.*invalid_client.*client_secret/)
      expect(String(error)).not.toContain(secret)
      expect(String(error)).not.toContain(Buffer.from(`x:${secret}`).toString('base64').slice(8, 24))
      expect(simulator.requests).toHaveLength(1)
    },
  )

  test('is checked together with the right to list', async () => {
    const { source, context, asked } = await openOrganization()
    expect(await source.check(context)).toBe('reached, organization Maple Homes')
    expect(asked()).toEqual({
      'POST /oauth/token': 1,
      'GET /tokens/me': 1,
      'POST /analytics/conversations/details/query': 1,
    })
  })
})

describe('a limit', () => {
  test('of the vendor that is lower than documented is kept, as its headers say', async () => {
    const { simulator, fetch, asked } = await openOrganization({ traps: { rateLimit: { allowed: 12, seconds: 1 } } })
    const ids = simulator.account.generate({ ...yesterday, count: 20 })
    expect(await fetch(...ids)).toHaveLength(20)
    const { [recordings]: count = 0 } = asked()
    expect(count).toBeLessThan(24)
  })

  test('that is passed is waited for as the answer says', async () => {
    const { simulator, fetch, asked } = await openOrganization()
    const id = simulator.account.add({ start })
    simulator.traps.faults = ['rate-limited']
    expect(await fetch(id)).toMatchObject([{ kind: 'record' }])
    expect(asked()).toMatchObject({ 'GET /analytics/conversations/details': 2, [recordings]: 1 })
  })
})

describe('a playable link', () => {
  const resolve = async (traps = {}, patch = {}) => {
    const account = await openOrganization({ traps, clock: () => today + hour, settings: { recording_format: 'MP3' } })
    const id = account.simulator.account.add({ start, recordings: [patch] })
    const [messageId = ''] = account.simulator.account.recordings(id)
    const { source, context } = account
    if (source.resolve === undefined) throw new Error('nothing resolves')
    return source.resolve({ recordId: id, parentId: null, messageId }, context)
  }

  test('is fresh, says when it dies, and plays without the token', async () => {
    const link = await resolve()
    expect(link).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/media\/.*-ch0\.webm\?.*X-Amz-Signature=/),
      expiresAt: today + 2 * hour,
      mediaType: 'audio/mpeg',
    })
    expect((await fetch(link.url)).status).toBe(200)
    expect((await fetch(link.url, { headers: { authorization: 'Bearer x' } })).status).toBe(400)
  })

  test('has both speakers where there is one with both', async () => {
    expect((await resolve({ mediaUris: 'mixed' })).url).toContain('-chS.webm')
  })

  test.each([
    ['ARCHIVED', /makes no link to its audio; it is archived/],
    ['DELETED', /makes no link to its audio; it is deleted/],
  ])('is not made of what is %s', async (fileState, message) => {
    await expect(resolve({}, { fileState })).rejects.toThrow(message)
  })

  test('is not made of what is refused', async () => {
    await expect(resolve({ recordingsRefused: 'permission' })).rejects.toThrow(/is not open to client_secret/)
  })

  test('is waited for while it is being transcoded', async () => {
    expect((await resolve({ transcodingAnswers: 1 })).url).toContain('-ch0.webm')
  }, 20_000)
})
