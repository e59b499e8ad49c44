import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import { storedRecording } from '../../../src/sources/genesys/envelope.ts'
import { compileGenesysFlatten, type GenesysFlattenSettings } from '../../../src/sources/genesys/flatten.ts'
import type { JsonObject } from '../../../src/transform/json-object.ts'
import {
  audioAnswer,
  chatAnswer,
  chatRecord,
  contact,
  contactId,
  emailRecord,
  inboundCall,
  inboundRecord,
  messageRecord,
  writtenRecord,
} from './fixtures.ts'

const instant = (text: string): number => Date.parse(text) * 1000
const hour = 3_600_000_000
const day = 24 * hour

/** Three days after the call. */
const readAt = instant('2026-03-05T12:00:00Z')

const standard: GenesysFlattenSettings = {
  region: 'mypurecloud.ie',
  media: ['audio', 'chat', 'email', 'message'],
  person: 'sender',
  external_source: '00000000-0000-4000-8000-000000000901',
  notices: false,
  system_messages: false,
  email_subject: false,
  watch_deletions: false,
}

const flatten = (
  record: unknown,
  settings: Partial<GenesysFlattenSettings> = {},
  at = readAt,
  final = false,
): Flattened => compileGenesysFlatten({ ...standard, ...settings })(record, { version: null, ordinal: at, final })

const rowsOf = (
  record: unknown,
  settings: Partial<GenesysFlattenSettings> = {},
  at = readAt,
): readonly RecordingRow[] => {
  const flattened = flatten(record, settings, at)
  if (flattened.kind !== 'rows') throw new Error(JSON.stringify(flattened))
  return flattened.rows
}

const rowOf = (record: unknown, settings: Partial<GenesysFlattenSettings> = {}, at = readAt): RecordingRow => {
  const [row] = rowsOf(record, settings, at)
  if (row === undefined) throw new Error('no row')
  return row
}

const call = inboundCall
const [playable = {}, , archived = {}] = audioAnswer

/** A call with one recording. */
const callWith = (recording: JsonObject = {}, conversation: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  conversation: { ...call, ...conversation },
  recordings: [storedRecording({ ...playable, ...recording })],
  ...more,
})

const participants = (...list: readonly JsonObject[]): JsonObject => ({ participants: list })

const customer = (session: JsonObject, more: JsonObject = {}): JsonObject => ({
  purpose: 'customer',
  ...more,
  sessions: [{ sessionId: 'c-1', mediaType: 'voice', direction: 'inbound', ...session }],
})

describe('a recorded call', () => {
  test('is one row for each recording of its audio, screens none', () => {
    expect(rowsOf(inboundRecord)).toEqual([
      {
        conversation_id: '3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01',
        message_id: '00000000-0000-4000-8000-000000000101',
        created_at: instant('2026-03-02T15:04:11.219Z'),
        portfolio_id: undefined,
        message_text: 'Customer: Hello\nAgent: Leasing office.',
        first_name: 'Jo',
        last_name: 'Doe',
        sender_ext_ref: 't0012345',
        phone_number: '+15125550123',
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        number_dialed_by_user: '+15125550100',
        call_duration_in_sec: 337,
        recording_url:
          'https://api.mypurecloud.ie/api/v2/conversations/3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01/recordings/00000000-0000-4000-8000-000000000101',
        media: 'audio',
        record_id: '3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01',
        recording_status: 'available',
        recording_expires_at: instant('2027-03-02T15:09:47.803Z'),
        deleted_at: null,
        source_version: null,
        source_ordinal: readAt,
        map_keys: {
          queue_id: '00000000-0000-4000-8000-000000001001',
          division_id: '00000000-0000-4000-8000-000000001101',
        },
      },
      {
        conversation_id: '3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01',
        message_id: '00000000-0000-4000-8000-000000000106',
        created_at: instant('2026-03-02T15:04:11.219Z'),
        portfolio_id: undefined,
        message_text: undefined,
        first_name: 'Jo',
        last_name: 'Doe',
        sender_ext_ref: 't0012345',
        phone_number: '+15125550123',
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        number_dialed_by_user: '+15125550100',
        call_duration_in_sec: undefined,
        recording_url: null,
        media: 'audio',
        record_id: '3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01',
        recording_status: 'archived',
        recording_expires_at: undefined,
        deleted_at: null,
        source_version: null,
        source_ordinal: readAt,
        map_keys: {
          queue_id: '00000000-0000-4000-8000-000000001001',
          division_id: '00000000-0000-4000-8000-000000001101',
        },
      },
    ])
  })

  test('outbound is from the agent who made it, and from nobody when there were several', () => {
    const outbound = { originatingDirection: 'outbound' }
    expect(rowOf(callWith({}, outbound))).toMatchObject({
      message_direction: 'outbound',
      first_name: 'Dana',
      last_name: 'Agent',
      email_address: 'dana.agent@example.test',
      sender_ext_ref: null,
    })
    const users = [{ name: 'Dana Agent' }, { name: 'Lee Deskin' }]
    expect(rowOf(callWith({ users }, outbound))).toMatchObject({
      first_name: null,
      last_name: null,
      email_address: null,
    })
  })

  test('has the customer always, where that is asked for', () => {
    const record = callWith({}, { originatingDirection: 'outbound' }, { contacts: { [contactId]: contact } })
    expect(rowOf(record, { person: 'customer' })).toMatchObject({ first_name: 'Jo', sender_ext_ref: 't0012345' })
  })

  test('has its length from its times, else from what plays; 0 is unknown', () => {
    expect(rowOf(callWith({ endTime: null })).call_duration_in_sec).toBe(337)
    expect(rowOf(callWith({ startTime: null, outputDurationMs: 0 })).call_duration_in_sec).toBeNull()
    expect(rowOf(callWith({ endTime: undefined, outputDurationMs: undefined })).call_duration_in_sec).toBeNull()
    expect(rowOf(callWith({}, { conversationEnd: '2026-04-20T00:00:00Z' })).call_duration_in_sec).toBe(337)
    expect(rowOf(callWith({ endTime: '2199-03-02T15:09:47Z' })).call_duration_in_sec).toBeUndefined()
  })

  test('began when its recording did, else when the trimmed or created one, else when the conversation did', () => {
    const at = (recording: JsonObject) => rowOf(callWith(recording)).created_at
    expect(at({ startTime: null, originalRecordingStartTime: '2026-03-02T15:04:00Z' })).toBe(
      instant('2026-03-02T15:04:00Z'),
    )
    expect(at({ startTime: null, originalRecordingStartTime: null, creationTime: '2026-03-02T15:05:00Z' })).toBe(
      instant('2026-03-02T15:05:00Z'),
    )
    const none = { startTime: null, originalRecordingStartTime: null, creationTime: null }
    expect(at(none)).toBe(instant('2026-03-02T15:03:58.101Z'))
  })
})

describe('the parties of a call', () => {
  test('are those of the first customer: consults add later ones, outbound from SIP addresses', () => {
    const consult = customer({
      sessionId: 'c-2',
      direction: 'outbound',
      ani: 'sip:a@x.test',
      dnis: 'sip:b@x.test',
      segments: [{ segmentStart: '2026-03-02T15:06:00Z' }],
    })
    const first = customer({
      ani: 'tel:+15125550123',
      dnis: 'tel:+15125550100',
      segments: [{ segmentStart: '2026-03-02T15:03:58Z' }],
    })
    const record = callWith(
      { sessionId: 'of-an-agent' },
      { originatingDirection: undefined, ...participants(consult, first) },
    )
    expect(rowOf(record)).toMatchObject({
      message_direction: 'inbound',
      phone_number: '+15125550123',
      number_dialed_by_user: '+15125550100',
    })
  })

  test('are those of the first customer where no session says when it began', () => {
    const first = customer({ ani: 'tel:+15125550123', dnis: 'tel:+15125550100', segments: null })
    const consult = customer({ sessionId: 'c-2', direction: 'outbound', ani: 'sip:desk@example.test' })
    const row = rowOf(callWith({ sessionId: 'of nobody' }, participants(first, consult)))
    expect(row).toMatchObject({ phone_number: '+15125550123', number_dialed_by_user: '+15125550100' })
  })

  test('are those of the session that was recorded, where it is a customer of its own', () => {
    const list = participants(
      customer({ ani: 'tel:+15125550123', segments: [{ segmentStart: '2026-03-02T15:03:58Z' }] }),
      customer({ sessionId: 'c-2', ani: 'tel:+15125550124', segments: [{ segmentStart: '2026-03-02T15:05:58Z' }] }),
    )
    expect(rowOf(callWith({ sessionId: 'c-2' }, list)).phone_number).toBe('+15125550124')
  })

  test.each([
    ['tel:+15125550123', '+15125550123'],
    ['sip:+15125550123@x.test', null],
    ['tel:anonymous', null],
    ['anonymous', null],
    [null, null],
    [undefined, undefined],
  ])('%j is the number %j', (ani, number) => {
    expect(rowOf(callWith({}, participants(customer({ ani })))).phone_number).toBe(number)
  })

  test('of a callback are the number that was left', () => {
    const session = { mediaType: 'callback', callbackNumbers: ['+15125550177'], direction: 'outbound' }
    expect(rowOf(callWith({}, participants(customer(session)))).number_dialed_by_user).toBe('+15125550177')
  })

  test('are not known without a customer', () => {
    expect(rowOf(callWith({}, { participants: [], originatingDirection: undefined }))).toMatchObject({
      phone_number: undefined,
      number_dialed_by_user: undefined,
      message_direction: null,
    })
  })
})

describe('the name of a customer', () => {
  test('is never that of the participant, which may be the locality of a number', () => {
    const record = callWith({}, participants(customer({}, { participantName: 'Austin TX' })))
    expect(rowOf(record)).toMatchObject({ first_name: undefined, last_name: undefined })
  })

  test('that a form gave stays where an answer shows no attributes, and goes with a form that has none', () => {
    const withAttributes = (more: JsonObject) => rowOf(callWith({}, participants(customer({}, more))))
    const names = { first_name: undefined, last_name: undefined, email_address: undefined }
    expect(withAttributes({})).toMatchObject(names)
    expect(withAttributes({ attributes: {} })).toMatchObject({ first_name: null, last_name: null, email_address: null })
  })

  test('of a message stays as it is, too, when the contact could not be read', () => {
    const [unread] = rowsOf(
      writtenRecord('message', 'm', '2026-03-04T09:00:00.000Z', [
        { id: 'r', media: 'message', messagingTranscript: [{ id: '1', purpose: 'customer', messageText: 'Hi' }] },
      ]),
    )
    expect(unread).toMatchObject({ first_name: undefined, last_name: undefined })
  })

  test('stays as it is when the contact could not be read', () => {
    expect(rowOf(callWith())).toMatchObject({
      first_name: undefined,
      last_name: undefined,
      email_address: undefined,
      sender_ext_ref: undefined,
    })
  })

  test('is that of the contact, else of the form that was filled in', () => {
    const attributes = { 'context.firstName': 'Joanna', 'context.lastName': 'Dow', 'context.email': 'j@example.test' }
    const form = participants(customer({}, { attributes }))
    expect(rowOf(callWith({}, form))).toMatchObject({
      first_name: 'Joanna',
      last_name: 'Dow',
      email_address: 'j@example.test',
    })
    const both = participants(customer({}, { attributes, externalContactId: contactId }))
    const contacts = { [contactId]: { ...contact, lastName: undefined } }
    expect(rowOf(callWith({}, both, { contacts }))).toMatchObject({ first_name: 'Jo', last_name: 'Dow' })
  })

  test('goes with the reference that is asked for', () => {
    const contacts = { [contactId]: contact }
    const reference = (external_source: string | undefined) =>
      rowOf(callWith({}, {}, { contacts }), { external_source }).sender_ext_ref
    expect(reference(undefined)).toBeUndefined()
    expect(reference('contact')).toBe(contactId)
    expect(reference('another source')).toBeNull()
  })
})

describe('the state of a recording', () => {
  test.each([
    ['AVAILABLE', 'available', true],
    ['available', 'available', true],
    ['RESTORED', 'available', true],
    ['ARCHIVED', 'archived', false],
    ['ERROR', 'failed', false],
    ['DELETED', 'deleted', false],
  ])('%s is %s', (fileState, recording_status, plays) => {
    const row = rowOf(callWith({ fileState }))
    expect(row.recording_status).toBe(recording_status)
    expect(row.recording_url).toEqual(plays ? expect.stringContaining('/recordings/') : null)
  })

  test('that is new says nothing, and is counted', () => {
    const flattened = flatten(callWith({ fileState: 'FROZEN' }))
    expect(flattened).toMatchObject({ kind: 'rows', notes: ['file-state-unknown'] })
    expect(rowOf(callWith({ fileState: 'FROZEN' }))).toMatchObject({
      recording_status: undefined,
      recording_url: undefined,
    })
  })

  test('DELETED is proof, and since when the date says; without one, since it was seen', () => {
    const deleteDate = '2026-03-04T00:00:00.000Z'
    expect(rowOf(callWith({ fileState: 'DELETED', deleteDate })).deleted_at).toBe(instant(deleteDate))
    expect(rowOf(callWith({ fileState: 'DELETED', deleteDate: null })).deleted_at).toBe(readAt)
    expect(rowOf(callWith({ fileState: 'AVAILABLE', deleteDate })).deleted_at).toBeNull()
  })

  test('UPLOADING is waited for a week, then it is a row without audio', () => {
    const uploading = callWith({ fileState: 'UPLOADING' })
    const end = instant('2026-03-02T15:10:31.004Z')
    expect(flatten(uploading)).toEqual({
      kind: 'pending',
      recordId: '3f0a5c1e-7d2b-4e55-9a10-0c6f5b1d2e01',
      waiting: { reason: 'recording-uploading', notBefore: null, giveUpAt: end + 7 * day },
    })
    expect(rowOf(uploading, {}, end + 8 * day)).toMatchObject({ recording_status: 'processing', recording_url: null })
    // That it was given up is noted by who waited.
    expect(flatten(uploading, {}, end + 8 * day)).toMatchObject({
      followUp: { reason: 'recording-uploading', giveUpAt: end + 7 * day },
    })
    expect(flatten(uploading, {}, readAt, true)).toMatchObject({
      kind: 'rows',
      rows: [{ recording_status: 'processing' }],
    })
  })

  test('UPLOADING of one keeps no row from the others', () => {
    const record = {
      conversation: call,
      recordings: [playable, { ...archived, fileState: 'UPLOADING' }].map(storedRecording),
    }
    expect(flatten(record)).toMatchObject({
      kind: 'rows',
      rows: [{ message_id: '00000000-0000-4000-8000-000000000101' }],
      followUp: { reason: 'recording-uploading' },
    })
  })

  test('RESTORING is a row that waits', () => {
    expect(flatten(callWith({ fileState: 'RESTORING' }))).toMatchObject({
      kind: 'rows',
      rows: [{ recording_status: 'archived', recording_url: null }],
      followUp: { reason: 'recording-restoring' },
    })
    // Waiting has ended, and nothing has come of it.
    expect(flatten(callWith({ fileState: 'RESTORING' }), {}, readAt + 30 * day)).toMatchObject({
      rows: [{ recording_status: 'archived' }],
      followUp: { reason: 'recording-restoring' },
    })
  })
})

describe('the deletion date', () => {
  const deleteDate = instant('2027-03-02T15:09:47.803Z')
  const waitAt = (at: number) => {
    const flattened = flatten(callWith(), { watch_deletions: true }, at)
    return flattened.kind === 'rows' ? flattened.followUp : undefined
  }

  test('is when the recording is asked for again, at growing distances, for a month', () => {
    const giveUpAt = deleteDate + 32 * day
    expect(waitAt(readAt)).toEqual({ reason: 'deletion-due', notBefore: deleteDate + day, giveUpAt })
    expect(waitAt(deleteDate + day)).toEqual({ reason: 'deletion-due', notBefore: deleteDate + 2 * day, giveUpAt })
    expect(waitAt(deleteDate + 20 * day)).toEqual({ reason: 'deletion-due', notBefore: giveUpAt, giveUpAt })
    expect(waitAt(deleteDate + 32 * day)).toBeUndefined()
  })

  test('is waited for no more once it is deleted, nor where nobody asks', () => {
    expect(flatten(callWith({ fileState: 'DELETED' }), { watch_deletions: true })).not.toHaveProperty('followUp')
    expect(flatten(callWith())).not.toHaveProperty('followUp')
  })
})

describe('a conversation without rows', () => {
  const end = instant('2026-03-02T15:10:31.004Z')
  const empty = { conversation: call, recordings: [] }

  test('may get recordings within two hours of its end; then it is left out, and counted', () => {
    const waiting = { reason: 'no-recordings-yet', notBefore: null, giveUpAt: end + 2 * hour }
    expect(flatten(empty, {}, end + 600_000_000)).toEqual({ kind: 'pending', recordId: call.conversationId, waiting })
    expect(flatten(empty, {}, end + 2 * hour)).toEqual({
      kind: 'skip',
      recordId: call.conversationId,
      code: 'no-recordings',
    })
    expect(flatten(empty, {}, end, true)).toMatchObject({ kind: 'skip', code: 'no-recordings' })
  })

  test('of media that are not wanted is left out', () => {
    expect(flatten(chatRecord, { media: ['audio'] })).toMatchObject({ kind: 'skip', code: 'no-wanted-media' })
    expect(flatten(callWith({ media: 'hologram' }))).toMatchObject({ kind: 'skip', code: 'no-wanted-media' })
  })

  test('whose recordings belong to another conversation is left out', () => {
    expect(flatten(callWith({ conversationId: 'another' }))).toMatchObject({ kind: 'skip', code: 'no-wanted-media' })
  })

  test.each([
    ['no-object', null, 'not-an-object'],
    ['no conversation', { recordings: [] }, 'not-an-object'],
    ['no id', { conversation: { ...call, conversationId: undefined }, recordings: [] }, 'missing-id'],
    ['no start', { conversation: { ...call, conversationStart: 'soon' }, recordings: [] }, 'missing-created-at'],
    ['recordings that were never read', { conversation: call }, 'recordings-not-read'],
    ['recordings without ids', callWith({ id: null }), 'missing-recording-id'],
  ])('for %s is rejected', (_, record, code) => {
    expect(flatten(record)).toMatchObject({ kind: 'reject', reason: { code } })
  })

  test('is not what one bad recording makes of it', () => {
    const record = { conversation: call, recordings: [playable, { ...archived, id: null }].map(storedRecording) }
    expect(flatten(record)).toMatchObject({ kind: 'rows', rows: [{}], notes: ['recording-without-id'] })
  })
})

const told = (row: RecordingRow | undefined) => ({
  message_id: row?.message_id,
  created_at: row?.created_at,
  message_text: row?.message_text,
  first_name: row?.first_name,
  last_name: row?.last_name,
  phone_number: row?.phone_number,
  email_address: row?.email_address,
  message_direction: row?.message_direction,
  media: row?.media,
  mailbox: row?.map_keys.mailbox_address,
})

describe('a chat', () => {
  test('is one row for each thing that somebody said', () => {
    expect(rowsOf(chatRecord).map(told)).toEqual([
      {
        message_id: '00000000-0000-4000-8000-000000000402',
        created_at: instant('2026-03-02T16:00:05Z'),
        message_text: 'Is unit 4B still open?',
        first_name: undefined,
        last_name: undefined,
        phone_number: null,
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        media: 'chat',
        mailbox: 'acd@example.test',
      },
      {
        message_id: '00000000-0000-4000-8000-000000000403',
        created_at: instant('2026-03-02T16:00:41Z'),
        message_text: 'It is. Want a tour?',
        first_name: 'Dana',
        last_name: 'Agent',
        phone_number: null,
        email_address: 'dana.agent@example.test',
        message_direction: 'outbound',
        media: 'chat',
        mailbox: 'dana@example.test',
      },
    ])
    expect(rowsOf(chatRecord)[0]).toMatchObject({
      conversation_id: '00000000-0000-4000-8000-000000000002',
      record_id: '00000000-0000-4000-8000-000000000002',
      number_dialed_by_user: null,
      call_duration_in_sec: null,
      recording_url: null,
    })
    expect(flatten(chatRecord)).toMatchObject({ notes: ['message-left-out'] })
  })

  const chatWith = (...transcript: readonly JsonObject[]): JsonObject =>
    writtenRecord('chat', 'c', '2026-03-02T16:00:00Z', [{ id: 'r', media: 'chat', fileState: 'AVAILABLE', transcript }])

  test('of the first version has no types: one of ours is a user', () => {
    const rows = rowsOf(
      chatWith(
        { id: '1', body: 'Hi', utc: '2026-03-02T16:00:01Z', from: 'jo@example.test' },
        { id: '2', body: 'Hello', utc: '2026-03-02T16:00:02Z', from: 'x', user: { name: 'Dana Agent' } },
      ),
    )
    expect(rows.map(({ message_direction }) => message_direction)).toEqual([null, 'outbound'])
  })

  test('has notices and what bots wrote only where they are asked for', () => {
    const said = { utc: '2026-03-02T16:00:01Z' }
    const record = chatWith(
      { ...said, id: '1', body: 'Dana joined', bodyType: 'NOTICE' },
      { ...said, id: '2', body: 'One moment', bodyType: 'STANDARD', participantPurpose: 'botflow' },
      { ...said, id: '3', body: '...', bodyType: 'TYPING' },
      { ...said, id: '4', body: 'Hi', bodyType: 'STANDARD', participantPurpose: 'customer' },
    )
    const ids = (settings: Partial<GenesysFlattenSettings>) =>
      rowsOf(record, settings).map(({ message_id }) => message_id)
    expect(ids({})).toEqual(['4'])
    expect(ids({ notices: true })).toEqual(['1', '4'])
    expect(ids({ system_messages: true })).toEqual(['2', '4'])
  })

  test('that stands in two recordings makes each row once, owned by the smaller id', () => {
    const [first = {}] = chatAnswer
    const later = { ...first, id: '00000000-0000-4000-8000-000000000199', deleteDate: '2029-01-01T00:00:00Z' }
    const once = { ...chatRecord, recordings: [later, first].map(storedRecording) }
    expect(rowsOf(once)).toEqual(rowsOf(chatRecord))
  })

  test('whose messages have no ids gets some that last', () => {
    const record = chatWith({ body: 'Hi', utc: '2026-03-02T16:00:01Z', from: 'jo@example.test', bodyType: 'STANDARD' })
    expect(rowOf(record).message_id).toBe('e9cc55675ed5645f5d3ded0d98c90cbb')
    const named = chatWith({ message: 'named', body: 'Hi', bodyType: 'STANDARD' })
    expect(rowOf(named)).toMatchObject({ message_id: 'named', created_at: instant('2026-03-02T16:00:00Z') })
  })
})

describe('an email', () => {
  test('is a row of who wrote it', () => {
    expect(rowsOf(emailRecord).map(told)).toEqual([
      {
        message_id: '00000000-0000-4000-8000-000000000501',
        created_at: instant('2026-03-03T10:00:00Z'),
        message_text: 'When does my lease end?',
        first_name: 'Jo',
        last_name: 'Doe',
        phone_number: null,
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        media: 'email',
        mailbox: 'leasing@example.test',
      },
    ])
  })

  const emailWith = (item: JsonObject): JsonObject =>
    writtenRecord(
      'email',
      'c',
      '2026-03-03T10:00:00Z',
      [
        {
          id: 'r',
          media: 'email',
          fileState: 'AVAILABLE',
          emailTranscript: [{ id: '1', time: '2026-03-03T11:00:00Z', ...item }],
        },
      ],
      { addressFrom: 'jo@example.test', addressTo: 'leasing@example.test' },
    )

  test('that we wrote is outbound', () => {
    const item = {
      from: { email: 'Leasing@example.test', name: 'Leasing Office' },
      to: [{ email: 'jo@example.test' }],
      textBody: 'In May.',
    }
    expect(rowOf(emailWith(item))).toMatchObject({
      message_direction: 'outbound',
      email_address: 'Leasing@example.test',
      first_name: 'Leasing',
      last_name: 'Office',
      map_keys: { mailbox_address: 'leasing@example.test' },
    })
  })

  test('of HTML alone is its text; its subject comes first where that is asked for', () => {
    const html = emailWith({
      subject: 'Lease',
      htmlBody: '<style>p{}</style><p>When&nbsp;does it end?</p><p>Jo &amp; Al</p>',
    })
    expect(rowOf(html).message_text).toBe('When does it end?\nJo & Al')
    expect(rowOf(html, { email_subject: true }).message_text).toBe('Lease\nWhen does it end?\nJo & Al')
  })

  test('without text is its attachments, else nothing', () => {
    expect(rowOf(emailWith({ attachments: [{ name: 'lease.pdf' }] })).message_text).toBe('[attachment: lease.pdf]')
    expect(flatten(emailWith({}))).toMatchObject({ kind: 'skip', code: 'no-messages' })
  })
})

describe('a messaging conversation', () => {
  test('is a row for each message; receipts and typing are none', () => {
    expect(rowsOf(messageRecord).map(told)).toEqual([
      {
        message_id: '00000000-0000-4000-8000-000000000601',
        created_at: instant('2026-03-04T09:00:00Z'),
        message_text: 'My sink leaks',
        first_name: 'Jo',
        last_name: 'Doe',
        phone_number: '+15125550123',
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        media: 'message',
        mailbox: '+15125550100',
      },
      {
        message_id: '00000000-0000-4000-8000-000000000602',
        created_at: instant('2026-03-04T09:01:10Z'),
        message_text: 'A plumber is booked.',
        first_name: 'Dana',
        last_name: 'Agent',
        phone_number: null,
        email_address: 'dana.agent@example.test',
        message_direction: 'outbound',
        media: 'message',
        mailbox: null,
      },
    ])
    expect(rowsOf(messageRecord)[0]?.sender_ext_ref).toBe('t0012345')
  })

  test('may be spelled messaging, and answer with a button or a picture', () => {
    const record = writtenRecord('message', 'c', '2026-03-04T09:00:00Z', [
      {
        id: 'r',
        media: 'Messaging',
        messagingTranscript: [
          { id: '1', timestamp: '2026-03-04T09:00:00Z', purpose: 'customer', buttonResponse: { text: 'Yes' } },
          {
            id: '2',
            timestamp: '2026-03-04T09:00:01Z',
            purpose: 'customer',
            messageMediaAttachments: [{ name: 'sink.jpg', url: 'https://media.example.test/a?X-Amz-Signature=fake' }],
          },
        ],
      },
    ])
    expect(rowsOf(record).map(({ message_text }) => message_text)).toEqual(['Yes', '[attachment: sink.jpg]'])
    expect(JSON.stringify(record)).not.toContain('Signature')
  })
})
