import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import { dotdoFieldsSetting } from '../../../src/sources/dotdo/fields-setting.ts'
import { compileDotdoFlatten } from '../../../src/sources/dotdo/flatten.ts'
import { keptRecord, keptText } from '../../../src/sources/dotdo/kept-record.ts'
import type { FlattenContext } from '../../../src/sources/source.ts'
import type { JsonObject } from '../../../src/transform/json-object.ts'
import {
  allEvents,
  deletedRecording,
  failedRecording,
  fullRecording,
  processingRecording,
  secureRecording,
  shortRecording,
  signedRecording,
} from './fixtures.ts'

const metadata = {
  first_name: 'metadata.first_name',
  last_name: 'metadata.last_name',
  sender_ext_ref: 'metadata.resident',
  email_address: 'metadata.email',
}

/** 2026-07-14T16:00:00Z: when the records were read. */
const readAt = 1_784_044_800_000_000

const flatten = (record: unknown, fields: object = {}, asked: Partial<FlattenContext> = {}): Flattened =>
  compileDotdoFlatten({ fields: dotdoFieldsSetting.parse(fields), default_country: 'US' })(keptRecord(record), {
    version: null,
    ordinal: readAt,
    final: false,
    ...asked,
  })

const rowOf = (flattened: Flattened): RecordingRow => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  if (row === undefined) throw new Error(`no row: ${JSON.stringify(flattened)}`)
  return row
}

const notesOf = (flattened: Flattened): readonly string[] => (flattened.kind === 'rows' ? flattened.notes : [])

const without = (record: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

describe('a CallRecording', () => {
  test('with every property is a row', () => {
    expect(Object.keys(fullRecording)).toHaveLength(42)
    expect(flatten(fullRecording, metadata)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'call_invented_1',
          message_id: 'rec_invented_1',
          created_at: 1_784_041_331_000_000,
          portfolio_id: undefined,
          message_text: 'AI: Maple Court.\nUser: Is it open?',
          first_name: 'Jo',
          last_name: 'Doe',
          sender_ext_ref: 't0012345',
          phone_number: '+15125550123',
          email_address: 'jo@mail.example.test',
          message_direction: 'inbound',
          number_dialed_by_user: '+15125550199',
          call_duration_in_sec: 73,
          recording_url: 'https://recordings.example.test/rec_invented_1.mp3',
          media: 'audio',
          record_id: 'rec_invented_1',
          recording_status: 'available',
          recording_expires_at: 1_791_817_410_000_000,
          deleted_at: null,
          source_version: 1_784_041_500_000_000,
          source_ordinal: readAt,
          map_keys: { dotdo_phone_number_id: 'pn_1', dotdo_assistant_id: 'asst_invented_1' },
        },
      ],
    })
  })

  test('with ids for what it refers to says nothing of that; milliseconds are as good as seconds', () => {
    expect(flatten(shortRecording)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'call_invented_2',
          message_id: 'rec_invented_2',
          created_at: 1_784_044_805_000_000,
          portfolio_id: undefined,
          message_text: undefined,
          first_name: undefined,
          last_name: undefined,
          sender_ext_ref: undefined,
          phone_number: undefined,
          email_address: undefined,
          message_direction: undefined,
          number_dialed_by_user: undefined,
          call_duration_in_sec: 42,
          recording_url: 'https://recordings.example.test/rec_invented_2.wav',
          media: 'audio',
          record_id: 'rec_invented_2',
          recording_status: 'available',
          recording_expires_at: 1_784_044_850_000_000 + 30 * 86_400_000_000,
          deleted_at: null,
          source_version: 1_784_044_890_000_000,
          source_ordinal: readAt,
          map_keys: { dotdo_phone_number_id: 'pn_1', dotdo_assistant_id: 'asst_invented_1' },
        },
      ],
    })
  })

  test('that went out has its numbers the other way round; a number may stand for its own reference', () => {
    const call = { id: 'c', direction: 'Outbound', customer: { number: '(512) 555-0142' } }
    expect(rowOf(flatten({ ...fullRecording, call, phoneNumber: '+15125550199' }))).toMatchObject({
      message_direction: 'outbound',
      phone_number: '+15125550199',
      number_dialed_by_user: '+15125550142',
    })
  })

  test('of a direction that is none has no numbers, and is counted', () => {
    const flattened = flatten({ ...fullRecording, call: { id: 'c', direction: 'both' } })
    expect(rowOf(flattened)).toMatchObject({ message_direction: null, phone_number: null, number_dialed_by_user: null })
    expect(notesOf(flattened)).toEqual(['direction-unknown'])
  })

  test('outside any call is a chain of its own', () => {
    const flattened = flatten(without(shortRecording, 'call'))
    expect(rowOf(flattened).conversation_id).toBe('rec_invented_2')
    expect(notesOf(flattened)).toEqual(['conversation-id-defaulted'])
  })
})

describe('its status', () => {
  test('processing is waited for, and in the end a row without address', () => {
    expect(flatten(processingRecording)).toEqual({
      kind: 'pending',
      recordId: 'rec_invented_3',
      waiting: { reason: 'status-processing', notBefore: null, giveUpAt: 1_784_048_400_000_000 + 7 * 86_400_000_000 },
    })
    expect(rowOf(flatten(processingRecording, {}, { final: true }))).toMatchObject({
      recording_status: 'processing',
      recording_url: null,
      source_version: 1_784_048_460_000_000,
    })
  })

  test('failed is a row without address', () => {
    expect(rowOf(flatten(failedRecording))).toMatchObject({
      recording_status: 'failed',
      recording_url: null,
      deleted_at: null,
    })
  })

  test('deleted keeps what is stored of it', () => {
    expect(rowOf(flatten(deletedRecording))).toMatchObject({
      recording_status: 'deleted',
      recording_url: undefined,
      deleted_at: 1_784_142_000_000_000,
    })
  })

  test('that no page names is waited for; without one it is complete when there is audio', () => {
    expect(flatten({ ...fullRecording, status: 'Uploading Now' })).toMatchObject({
      waiting: { reason: 'status-uploading-now' },
    })
    expect(rowOf(flatten(without(fullRecording, 'status'))).recording_status).toBe('available')
    expect(flatten(without(fullRecording, 'status', 'url', 'secureUrl'))).toMatchObject({ kind: 'pending' })
  })
})

describe('its address', () => {
  test.each([
    ['is only the secret one', secureRecording, 'rec_invented_6'],
    ['is signed', { ...signedRecording, autoDeleteAt: undefined }, 'rec_invented_7'],
  ])('is not stored when it %s, which is counted', (_, record, id) => {
    const flattened = flatten(record)
    expect(rowOf(flattened)).toMatchObject({ message_id: id, recording_url: undefined, recording_status: 'available' })
    expect(notesOf(flattened)).toEqual(['signed-link-dropped'])
  })
})

describe('its end', () => {
  const expiryOf = (changed: JsonObject) => {
    const times = without(fullRecording, 'expiresAt', 'autoDeleteAt', 'retentionPeriod')
    return rowOf(flatten({ ...times, ...changed })).recording_expires_at
  }

  test('is the earlier of what it states, or that of its retention', () => {
    expect(expiryOf({ expiresAt: 1_790_000_002, autoDeleteAt: 1_790_000_001_000 })).toBe(1_790_000_001_000_000)
    expect(expiryOf({ autoDeleteAt: 1_790_000_003, retentionPeriod: 1 })).toBe(1_790_000_003_000_000)
    expect(expiryOf({ retentionPeriod: 1 })).toBe(1_784_041_410_000_000 + 86_400_000_000)
    expect(expiryOf({ retentionPeriod: 0 })).toBeUndefined()
    expect(expiryOf({})).toBeUndefined()
    expect(expiryOf({ expiresAt: null })).toBeNull()
    expect(expiryOf({ expiresAt: 0, retentionPeriod: 1 })).toBe(1_784_041_410_000_000 + 86_400_000_000)
  })

  test('has come when it was to be deleted before it was read', () => {
    expect(rowOf(flatten(signedRecording, {}, { ordinal: 1_784_100_000_000_000 }))).toMatchObject({
      deleted_at: 1_784_100_000_000_000,
      recording_status: 'deleted',
    })
    expect(rowOf(flatten(signedRecording, {}, { ordinal: 1_784_099_999_999_999 })).deleted_at).toBeNull()
  })

  test('that cannot be read is counted', () => {
    expect(
      notesOf(flatten({ ...fullRecording, expiresAt: 'soon', retentionPeriod: 'long', autoDeleteAt: null })),
    ).toEqual(['time-unreadable', 'retention-unreadable'])
  })
})

describe('a record that cannot become a row', () => {
  test.each([
    ['it has no id', without(fullRecording, 'id'), { recordId: null, reason: { code: 'missing-id' } }],
    [
      'it has no time',
      without(fullRecording, 'startTime', 'created'),
      { recordId: 'rec_invented_1', reason: { code: 'missing-created-at' } },
    ],
    [
      'its time is none',
      { ...fullRecording, startTime: 'noon' },
      { version: 1_784_041_500_000_000, reason: { code: 'invalid-instant', path: 'startTime' } },
    ],
    ['it is no object', 'text', { reason: { code: 'not-an-object' } }],
  ])('is rejected when %s', (_, record, expected) => {
    expect(flatten(record)).toMatchObject({ kind: 'reject', ...expected })
  })
})

describe('an event', () => {
  const eventOf = (action: string): JsonObject => {
    const found = allEvents.find(({ event }) => event === `callRecording.${action}`)
    if (found === undefined) throw new Error(`there is no event ${action}`)
    return found
  }

  test.each<[string, Partial<RecordingRow>]>([
    ['completed', { recording_status: 'available', deleted_at: null, source_version: 1_784_041_502_000_000 }],
    ['failed', { recording_status: 'failed', recording_url: null }],
    ['updated', { recording_status: 'available' }],
    ['deleted', { recording_status: 'deleted', deleted_at: 1_784_041_505_000_000, recording_url: undefined }],
    ['transcribed', { recording_status: 'available' }],
    ['redacted', { recording_status: 'available', recording_url: 'https://recordings.example.test/redacted.mp3' }],
    ['compressed', { recording_status: 'available' }],
    [
      'expired',
      {
        recording_status: 'deleted',
        deleted_at: null,
        recording_url: null,
        recording_expires_at: 1_784_041_511_000_000,
      },
    ],
    ['autoDeleted', { recording_status: 'deleted', deleted_at: 1_784_041_512_000_000 }],
  ])('%s is a row that says so', (action, expected) => {
    expect(rowOf(flatten(eventOf(action)))).toMatchObject({ message_id: `rec_event_${action}`, ...expected })
  })

  test.each(['created', 'processing'])('%s is waited for', (action) => {
    expect(flatten(eventOf(action))).toMatchObject({ kind: 'pending', recordId: `rec_event_${action}` })
  })

  test.each(['downloaded', 'analyzed'])('%s changes nothing', (action) => {
    expect(flatten(eventOf(action))).toEqual({ kind: 'skip', code: 'event-without-effect' })
  })

  test('of something else, or of a kind that no page names, is left out', () => {
    const { data } = eventOf('completed')
    for (const event of ['business.created', 'callRecording.exploded', 'constructor']) {
      expect(flatten({ event, data })).toEqual({ kind: 'skip', code: 'foreign-event' })
    }
    expect(rowOf(flatten({ event: 'call_recordings.completed', data })).recording_status).toBe('available')
    expect(rowOf(flatten({ event: 'completed', data })).source_version).toBe(1_784_041_400_000_000)
  })

  test('comes before the record that changed after it, and after the one that did not', () => {
    const event = eventOf('updated')
    expect(rowOf(flatten({ ...event, data: { ...Object(event.data), updated: 1_790_000_000 } })).source_version).toBe(
      1_790_000_000_000_000,
    )
  })
})

describe('events of one recording', () => {
  const data = (status: string, updated: number) => ({ ...fullRecording, status, updated, autoDeleteAt: undefined })
  const told = (action: string, timestamp: number | undefined, status: string, updated = 1_784_041_420) => ({
    event: `callRecording.${action}`,
    timestamp,
    data: data(status, updated),
  })
  const second = 1_784_041_420

  /** As they come out of the upsert: the newest version, and of equal ones the last that came. */
  const newestOf = (events: readonly object[]) =>
    events
      .map((event) => rowOf(flatten(event, {}, { final: true })))
      .reduce((one, other) => ((other.source_version ?? 0) >= (one.source_version ?? 0) ? other : one))

  test.each([
    [['processing', 'completed'], 'available'],
    [['created', 'processing', 'failed'], 'failed'],
    [['processing', 'completed', 'transcribed', 'expired'], 'deleted'],
    [['completed', 'expired', 'autoDeleted'], 'deleted'],
    [['completed', 'updated', 'deleted'], 'deleted'],
  ])('%j within one second end the same in whatever order they come, and however often', (actions, status) => {
    const statusOf = (action: string) => (action === 'created' || action === 'processing' ? 'processing' : 'completed')
    for (const timestamp of [second, undefined]) {
      const events = actions.map((action) => told(action, timestamp, statusOf(action)))
      const orders = [events, events.toReversed(), [...events, ...events.toReversed()], [...events.slice(1), ...events]]
      for (const order of orders) expect(newestOf(order).recording_status).toBe(status)
    }
  })

  test('that were sent late, with the record as it is by then, say what the record says', () => {
    expect(rowOf(flatten(told('processing', second, 'completed', second + 9))).recording_status).toBe('available')
    expect(rowOf(flatten(told('completed', second, 'failed', second + 9))).recording_status).toBe('failed')
    expect(rowOf(flatten(told('deleted', second, 'completed', second + 9))).deleted_at).toBe(second * 1_000_000)
    expect(
      rowOf(flatten(told('processing', second, 'completed', second), {}, { final: true })).recording_url,
    ).toBeNull()
  })

  test('without a time of their own, and deleted ones, have the time of their record', () => {
    expect(rowOf(flatten(told('deleted', undefined, 'completed'))).deleted_at).toBe(second * 1_000_000)
  })
})

test('no secret of a record is kept', () => {
  const text = JSON.stringify([keptRecord(fullRecording), keptRecord(secureRecording), ...allEvents.map(keptRecord)])
  expect(text).not.toMatch(/fake/)
  expect(text).toContain('"secureUrl":"link"')
  expect(keptRecord(keptRecord(fullRecording))).toEqual(keptRecord(fullRecording))
})

test('no secret is kept of a record in an envelope that is not known, or in what it refers to', () => {
  const secrets = { secureUrl: 'https://s.example.test/fake/a.mp3', encryptionKey: 'fake-key' }
  const record = { id: 'r', ...secrets }
  for (const odd of [
    { success: true, data: record },
    { event: 'callRecording.completed', data: [record] },
    { event: 'callRecording.completed', payload: { record } },
    [record],
    { id: 'r', call: { id: 'c', recordings: [record] } },
    { id: 'r', secure_url: secrets.secureUrl, EncryptionKey: 'fake-key', 'data.secureUrl': secrets.secureUrl },
  ]) {
    expect(JSON.stringify(keptRecord(odd))).not.toContain('fake')
    expect(keptRecord(keptRecord(odd))).toEqual(keptRecord(odd))
  }
})

test.each([
  [
    '{"id": "r", "secureUrl": "https://s.example.test/fake/a.mp3", "encryptionKey": "fake',
    '{"id": "r", "secureUrl": "link", "encryptionKey": "link',
  ],
  ['{"secure_url":"/fake \\" fake/a.mp3","id":"r"', '{"secure_url":"link","id":"r"'],
  ['"{\\"secureUrl\\":\\"https:\\/\\/s.example.test\\/fake\\"}', '"{\\"secureUrl\\":"link'],
  ['{"encryptionKey": fake, "id": "r"', '{"encryptionKey": "link", "id": "r"'],
  ['r,"completed,https://s.example.test/fake/a.mp3', 'r,"completed,link'],
])('%s keeps no secret though it cannot be read', (text, kept) => {
  expect(keptText(text)).toBe(kept)
  expect(keptText(kept)).toBe(kept)
})
