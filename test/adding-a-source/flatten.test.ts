import { expect, test } from 'vitest'
import { compileHearsayFlatten } from './flatten.ts'

const flatten = compileHearsayFlatten(new URL('https://api.hearsay.example/v1'))

const done = {
  id: 'h-1',
  began: '2026-07-14T15:02:11Z',
  state: 'done',
  way: 'in',
  caller: '+15125550123',
  seconds: 61.4,
}

const context = { version: null, ordinal: 7, final: false }

test('a recording is a row; what it does not say is undefined', () => {
  expect(flatten(done, context)).toStrictEqual({
    kind: 'rows',
    rows: [
      {
        conversation_id: 'h-1',
        message_id: 'h-1',
        created_at: Date.UTC(2026, 6, 14, 15, 2, 11) * 1000,
        portfolio_id: undefined,
        message_text: undefined,
        first_name: undefined,
        last_name: undefined,
        sender_ext_ref: undefined,
        phone_number: '+15125550123',
        email_address: undefined,
        message_direction: 'inbound',
        number_dialed_by_user: undefined,
        call_duration_in_sec: 61,
        recording_url: 'https://api.hearsay.example/v1/recordings/h-1',
        media: 'audio',
        record_id: 'h-1',
        recording_status: 'available',
        recording_expires_at: null,
        deleted_at: null,
        source_version: null,
        source_ordinal: 7,
        map_keys: {},
      },
    ],
    notes: [],
  })
})

test('one that is being made is waited for, and in the end a row without address', () => {
  const recording = { ...done, state: 'recording' }
  expect(flatten(recording, context)).toEqual({
    kind: 'pending',
    recordId: 'h-1',
    waiting: { reason: 'status-recording', notBefore: null, giveUpAt: Date.UTC(2026, 6, 21, 15, 2, 11) * 1000 },
  })
  expect(flatten(recording, { ...context, final: true })).toMatchObject({
    rows: [{ recording_url: null, recording_status: 'processing' }],
  })
})

test.each([
  [{ began: '2026-07-14T15:02:11Z' }, null, 'missing-id'],
  [{ id: 'h-1' }, 'h-1', 'missing-created-at'],
  [{ id: 'h-1', began: '2026-07-14 15:02' }, 'h-1', 'missing-zone'],
])('%j is rejected', (record, recordId, code) => {
  expect(flatten(record, context)).toMatchObject({ kind: 'reject', recordId, reason: { code } })
})
