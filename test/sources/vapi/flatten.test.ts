import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import type { FlattenContext } from '../../../src/sources/source.ts'
import { compileVapiFlatten, type VapiFlattenSettings } from '../../../src/sources/vapi/flatten.ts'
import { keptCall } from '../../../src/sources/vapi/kept-call.ts'
import type { JsonObject } from '../../../src/transform/json-object.ts'
import {
  allCalls,
  bareCall,
  deletedCall,
  inboundCall,
  livingCall,
  oldCall,
  outboundCall,
  unansweredCall,
  unrecordedCall,
  webCall,
  websocketCall,
} from './fixtures.ts'

const settings: VapiFlattenSettings = {
  recordings: 'expected',
  recording_delay: 1_800_000_000,
  person: 'sender',
  sender_ref: 'externalId',
  summary_as_text: false,
  retention: 14 * 86_400_000_000,
  default_country: 'US',
}

const day = 86_400_000_000

const context: FlattenContext = { version: null, ordinal: 7, final: false }

const own = '+15125550199'

const flatten = (
  call: JsonObject,
  changed: Partial<VapiFlattenSettings> = {},
  asked: Partial<FlattenContext> = {},
  own_number: string | null | undefined = own,
): Flattened =>
  compileVapiFlatten({ ...settings, ...changed })({ call: keptCall(call), own_number }, { ...context, ...asked })

const rowOf = (flattened: Flattened): RecordingRow => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  if (row === undefined) throw new Error(`no row: ${JSON.stringify(flattened)}`)
  return row
}

const notesOf = (flattened: Flattened): readonly string[] => (flattened.kind === 'rows' ? flattened.notes : [])

const without = (record: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

describe('a call', () => {
  test('that came in is a row', () => {
    expect(flatten(inboundCall)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: '55555555-0000-4000-8000-000000000001',
          message_id: '55555555-0000-4000-8000-000000000001',
          created_at: 1_784_041_331_482_000,
          portfolio_id: undefined,
          message_text: 'AI: Maple Court, how can I help?\nUser: Is unit 4B still open?',
          first_name: 'Jo',
          last_name: 'Doe',
          sender_ext_ref: 't0012345',
          phone_number: '+15125550123',
          email_address: 'jo@mail.example.test',
          message_direction: 'inbound',
          number_dialed_by_user: '+15125550199',
          call_duration_in_sec: 73,
          recording_url: 'https://api.vapi.ai/call/55555555-0000-4000-8000-000000000001/mono-recording',
          media: 'audio',
          record_id: '55555555-0000-4000-8000-000000000001',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: null,
          source_version: 1_784_041_471_870_000,
          source_ordinal: 7,
          map_keys: {
            vapi_phone_number_id: '88888888-0000-4000-8000-000000000001',
            vapi_assistant_id: '77777777-0000-4000-8000-000000000001',
            vapi_squad_id: '99990000-0000-4000-8000-000000000001',
            vapi_campaign_id: null,
          },
        },
      ],
    })
  })

  test('that went out is a row without a person, by the number that it brings itself', () => {
    expect(flatten(outboundCall)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: '55555555-0000-4000-8000-000000000002',
          message_id: '55555555-0000-4000-8000-000000000002',
          created_at: 1_784_044_805_000_000,
          portfolio_id: undefined,
          message_text: 'AI: Hello.\nUser: Not now.',
          first_name: null,
          last_name: null,
          sender_ext_ref: null,
          phone_number: '+15125559077',
          email_address: null,
          message_direction: 'outbound',
          number_dialed_by_user: '+15125550142',
          call_duration_in_sec: 0,
          recording_url: 'https://api.vapi.ai/call/55555555-0000-4000-8000-000000000002/mono-recording',
          media: 'audio',
          record_id: '55555555-0000-4000-8000-000000000002',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: null,
          source_version: 1_784_044_890_000_000,
          source_ordinal: 7,
          map_keys: {
            vapi_phone_number_id: undefined,
            vapi_assistant_id: '77777777-0000-4000-8000-000000000001',
            vapi_squad_id: undefined,
            vapi_campaign_id: undefined,
          },
        },
      ],
    })
  })

  test('of the web has no direction and no numbers; its text is what was said', () => {
    expect(rowOf(flatten(webCall))).toMatchObject({
      message_direction: null,
      phone_number: null,
      number_dialed_by_user: null,
      first_name: null,
      message_text: 'AI: Hello, this is Maple Court.\nUser: Hi.',
      call_duration_in_sec: 120,
      recording_status: 'available',
    })
  })

  test('of a websocket, that ended before it began, has no length', () => {
    expect(rowOf(flatten(websocketCall))).toMatchObject({
      message_direction: null,
      phone_number: null,
      number_dialed_by_user: null,
      call_duration_in_sec: null,
      message_text: 'AI: Hello.',
      recording_status: 'available',
    })
  })

  test('of old has its artifacts at the top', () => {
    expect(rowOf(flatten(oldCall))).toMatchObject({
      message_text: 'AI: Hello.\nUser: An old call.',
      recording_status: 'available',
      recording_url: 'https://api.vapi.ai/call/55555555-0000-4000-8000-000000000004/mono-recording',
      first_name: undefined,
      phone_number: '+15125550123',
    })
  })

  test('as Vapi answers it, and as it is stored, makes the same row', () => {
    const compiled = compileVapiFlatten(settings)
    for (const call of allCalls) {
      expect(keptCall(keptCall(call))).toEqual(keptCall(call))
      expect(compiled(call, context)).toEqual(compiled({ call: keptCall(call) }, context))
    }
  })
})

describe('what is waited for', () => {
  test('is the end of a call, for a week', () => {
    expect(flatten(livingCall)).toEqual({
      kind: 'pending',
      recordId: '55555555-0000-4000-8000-000000000005',
      waiting: { reason: 'status-in-progress', notBefore: null, giveUpAt: 1_784_656_800_000_000 },
    })
    expect(rowOf(flatten(livingCall, {}, { final: true }))).toMatchObject({
      recording_url: null,
      recording_status: 'processing',
      call_duration_in_sec: undefined,
    })
  })

  test.each(['queued', 'ringing', 'forwarding', 'a-status-of-tomorrow'])('is the end of one that is %s', (status) => {
    expect(flatten({ ...inboundCall, status })).toMatchObject({ waiting: { reason: `status-${status}` } })
  })

  test('is what becomes of a call that says nothing of itself', () => {
    expect(flatten(bareCall)).toMatchObject({ kind: 'pending', waiting: { reason: 'status-unknown' } })
    expect(flatten(without(inboundCall, 'status'))).toMatchObject({ kind: 'rows' })
  })

  test('is a recording, for half an hour after the end', () => {
    expect(flatten(unrecordedCall)).toEqual({
      kind: 'pending',
      recordId: '55555555-0000-4000-8000-000000000006',
      waiting: { reason: 'no-recording', notBefore: null, giveUpAt: 1_784_057_522_000_000 },
    })
    expect(rowOf(flatten(unrecordedCall, {}, { final: true }))).toMatchObject({
      recording_url: null,
      recording_status: 'failed',
      message_text: null,
      phone_number: null,
      number_dialed_by_user: own,
    })
  })

  test.each([
    ['nothing is recorded', unrecordedCall, { recordings: 'none' as const }],
    [
      'its assistant does not record',
      { ...unrecordedCall, assistant: { artifactPlan: { recordingEnabled: false } } },
      {},
    ],
    [
      'it was told not to',
      { ...unrecordedCall, assistantOverrides: { artifactPlan: { recordingEnabled: false } } },
      {},
    ],
    ['nobody answered', unansweredCall, {}],
  ])('is no recording when %s', (_, call, changed) => {
    expect(rowOf(flatten(call, changed))).toMatchObject({ recording_url: null, recording_status: null })
  })

  test('is a recording when an override says so, whatever the assistant says', () => {
    const call = {
      ...unrecordedCall,
      assistant: { artifactPlan: { recordingEnabled: false } },
      assistantOverrides: { artifactPlan: { recordingEnabled: true } },
    }
    expect(flatten(call)).toMatchObject({ kind: 'pending' })
  })
})

describe('a call that Vapi deleted', () => {
  test.each(['not-found', 'deletion-failed'])('(%s) keeps what is known of it', (status) => {
    expect(rowOf(flatten({ ...deletedCall, status }))).toMatchObject({
      deleted_at: 1_784_102_400_000_000,
      recording_status: 'deleted',
      recording_url: undefined,
      message_text: undefined,
      phone_number: undefined,
    })
  })
})

describe('the person', () => {
  test('is the customer of calls that went out, too, when that is wanted', () => {
    expect(rowOf(flatten(outboundCall, { person: 'customer' }))).toMatchObject({
      first_name: 'Mary',
      last_name: 'Ann Lee',
      sender_ext_ref: 't0000042',
      email_address: undefined,
    })
  })

  test('is referred to by the id of Vapi, when that is wanted', () => {
    const row = rowOf(flatten(inboundCall, { sender_ref: 'customerId' }))
    expect(row.sender_ext_ref).toBe('cccccccc-0000-4000-8000-000000000001')
  })

  test('with one name has no last name; without a customer nothing is said', () => {
    expect(rowOf(flatten({ ...inboundCall, customer: { name: 'Jo' } }))).toMatchObject({
      first_name: 'Jo',
      last_name: null,
    })
    expect(rowOf(flatten(without(inboundCall, 'customer')))).toMatchObject({
      first_name: undefined,
      last_name: undefined,
      phone_number: undefined,
      sender_ext_ref: undefined,
      email_address: undefined,
    })
    expect(rowOf(flatten({ ...inboundCall, customer: null }))).toMatchObject({ first_name: null, phone_number: null })
  })
})

describe('numbers', () => {
  test('that are none are null, and counted', () => {
    const flattened = flatten({ ...inboundCall, customer: { number: 'anonymous' } })
    expect(rowOf(flattened).phone_number).toBeNull()
    expect(notesOf(flattened)).toEqual(['phone-unreadable'])
  })

  test('of ours are null when Vapi has none, and keep what is stored when it does not say', () => {
    expect(rowOf(flatten(inboundCall, {}, {}, null)).number_dialed_by_user).toBeNull()
    const bare = compileVapiFlatten(settings)({ call: keptCall(inboundCall) }, context)
    expect(rowOf(bare).number_dialed_by_user).toBeUndefined()
  })

  test('of ours that Vapi could not show are asked for again, as long as it has the call', () => {
    const due = { call: keptCall(inboundCall), own_number_due: true }
    const followUp = (retention: number) => {
      const flattened = compileVapiFlatten({ ...settings, retention })(due, context)
      expect(rowOf(flattened).number_dialed_by_user).toBeUndefined()
      return flattened.kind === 'rows' ? flattened.followUp : undefined
    }
    const madeAt = 1_784_041_329_004_000
    expect(followUp(14 * day)).toEqual({
      reason: 'own-number-missing',
      notBefore: null,
      giveUpAt: madeAt + 7 * day,
    })
    expect(followUp(3 * day)).toMatchObject({ giveUpAt: madeAt + 2 * day })
    expect(compileVapiFlatten(settings)(due, { ...context, final: true })).not.toHaveProperty('followUp')
  })
})

describe('the text', () => {
  const textWith = (artifact: unknown, changed: Partial<VapiFlattenSettings> = {}, more: JsonObject = {}) =>
    rowOf(flatten({ ...inboundCall, artifact, ...more }, changed, { final: true })).message_text

  test('is the summary only when that is wanted and there is nothing else', () => {
    expect(textWith({}, { summary_as_text: true })).toBe('Asked about unit 4B.')
    expect(textWith({})).toBeUndefined()
    expect(textWith({ transcript: '' })).toBeNull()
    expect(textWith({ transcript: 'AI: Hello.' }, { summary_as_text: true })).toBe('AI: Hello.')
    expect(textWith({}, { summary_as_text: true }, { analysis: {}, summary: 'Of old.' })).toBe('Of old.')
  })

  test('may be a list of turns', () => {
    expect(
      textWith({ transcript: [{ role: 'assistant', content: 'Hello.' }, { role: 'user', message: 'Hi.' }, 7] }),
    ).toBe('AI: Hello.\nUser: Hi.')
  })
})

describe('what was said', () => {
  const messages = [
    { role: 'bot', message: 'Hello.' },
    { role: 'user', message: 'Hi.' },
  ]

  test.each([[[]], ['  '], [null], [[null, '']], [{ text: 'no list' }]])(
    'stands in for a transcript like %j, which says nothing',
    (transcript) => {
      const call = { ...inboundCall, artifact: { recordingUrl: 'https://a.example.test/a', transcript, messages } }
      expect(rowOf(flatten(call)).message_text).toBe('AI: Hello.\nUser: Hi.')
    },
  )
})

describe('the time of a call', () => {
  test('is when it began, or when it was made', () => {
    expect(rowOf(flatten(without(inboundCall, 'startedAt'), { recordings: 'none' })).created_at).toBe(
      1_784_041_329_004_000,
    )
  })

  test.each(['startedAt', 'createdAt'])('%s without a zone is rejected', (name) => {
    expect(flatten({ ...inboundCall, [name]: '2026-07-14T15:02:11' })).toMatchObject({
      kind: 'reject',
      recordId: '55555555-0000-4000-8000-000000000001',
      version: 1_784_041_471_870_000,
      reason: { code: 'missing-zone', path: name },
    })
  })

  test('is never guessed', () => {
    expect(flatten(without(inboundCall, 'startedAt', 'createdAt'))).toMatchObject({
      kind: 'reject',
      reason: { code: 'missing-created-at' },
    })
  })

  test('is of no use without an id', () => {
    expect(flatten(without(inboundCall, 'id'))).toMatchObject({ recordId: null, reason: { code: 'missing-id' } })
  })

  test('that lies a life from its end has no length, and is counted', () => {
    const flattened = flatten({ ...inboundCall, endedAt: '2199-01-01T00:00:00Z' })
    expect(rowOf(flattened).call_duration_in_sec).toBeUndefined()
    expect(notesOf(flattened)).toEqual(['duration-unreadable'])
  })

  test('that cannot be read at its end is counted', () => {
    const flattened = flatten({ ...inboundCall, endedAt: 'soon' })
    expect(rowOf(flattened).call_duration_in_sec).toBeUndefined()
    expect(notesOf(flattened)).toEqual(['recording-end-unreadable'])
  })
})

test('nothing is stored of a call that is secret, signed or of no use for its row', () => {
  const text = JSON.stringify(allCalls.map(keptCall))
  expect(text).not.toMatch(/fake|storage\.example|live\.example|hooks\.example|presigned|"cost"|system/i)
  expect(text).toContain('"recording":{"stereoUrl":"address"')
})
