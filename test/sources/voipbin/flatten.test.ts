import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import type { FlattenContext } from '../../../src/sources/source.ts'
import { compileVoipbinFlatten, type VoipbinFlattenSettings } from '../../../src/sources/voipbin/flatten.ts'
import {
  bareRecord,
  confbridge,
  conference,
  contact,
  inbound,
  inboundCall,
  inProgress,
  lines,
  outbound,
  outboundCall,
  transcribes,
  transcript,
} from './fixtures.ts'

const settings: VoipbinFlattenSettings = { person: 'sender', contacts: false, caller_names: false }

const context: FlattenContext = { version: null, ordinal: 7, final: false }

const flatten = (record: unknown, changed: Partial<VoipbinFlattenSettings> = {}, asked: Partial<FlattenContext> = {}) =>
  compileVoipbinFlatten({ ...settings, ...changed })(record, { ...context, ...asked })

const rowOf = (flattened: Flattened): RecordingRow => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  if (row === undefined) throw new Error(`no row: ${JSON.stringify(flattened)}`)
  return row
}

const notesOf = (flattened: Flattened): readonly string[] => (flattened.kind === 'rows' ? flattened.notes : [])

const waitingOf = (flattened: Flattened) => (flattened.kind === 'rows' ? (flattened.followUp ?? null) : null)

const week = 604_800_000_000

describe('a recording', () => {
  test('of an older server, of an inbound call with a transcript, is a row', () => {
    expect(flatten({ recording: inbound, call: inboundCall, transcribes, transcript })).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'b1000000-0000-4000-8000-000000000001',
          message_id: 'a1000000-0000-4000-8000-000000000001',
          created_at: 1_769_664_705_051_136,
          portfolio_id: undefined,
          message_text: 'Is unit 4B open?\nYes, from June.',
          first_name: undefined,
          last_name: undefined,
          sender_ext_ref: undefined,
          phone_number: '+15125550123',
          email_address: null,
          message_direction: 'inbound',
          number_dialed_by_user: '+15125550199',
          call_duration_in_sec: 91,
          recording_url: 'https://api.voipbin.net/v1.0/recordingfiles/a1000000-0000-4000-8000-000000000001',
          media: 'audio',
          record_id: 'a1000000-0000-4000-8000-000000000001',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: null,
          source_version: 1_769_664_795_600_000,
          source_ordinal: 7,
          map_keys: { voipbin_customer_id: 'c0000000-0000-4000-8000-000000000001' },
        },
      ],
    })
  })

  test('of a server of today, of an outgoing leg, is a row with the numbers of that leg', () => {
    expect(rowOf(flatten({ recording: outbound, call: outboundCall }))).toEqual({
      conversation_id: 'b1000000-0000-4000-8000-000000000005',
      message_id: 'a1000000-0000-4000-8000-000000000005',
      created_at: 1_780_308_000_000_000,
      portfolio_id: undefined,
      message_text: undefined,
      first_name: undefined,
      last_name: undefined,
      sender_ext_ref: undefined,
      phone_number: '+15125550199',
      email_address: null,
      message_direction: 'outbound',
      number_dialed_by_user: '+15125550142',
      call_duration_in_sec: 30,
      recording_url: 'https://api.voipbin.net/v1.0/recordingfiles/a1000000-0000-4000-8000-000000000005',
      media: 'audio',
      record_id: 'a1000000-0000-4000-8000-000000000005',
      recording_status: 'available',
      recording_expires_at: undefined,
      deleted_at: null,
      source_version: 1_780_308_031_000_000,
      source_ordinal: 7,
      map_keys: { voipbin_customer_id: 'c0000000-0000-4000-8000-000000000001' },
    })
  })

  test('of a confbridge is a row without parties, its status available being what others call ended', () => {
    expect(flatten({ recording: confbridge, conference, participants: [] })).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'b2000000-0000-4000-8000-000000000004',
          message_id: 'a1000000-0000-4000-8000-000000000004',
          created_at: 1_769_591_818_500_000,
          portfolio_id: undefined,
          message_text: undefined,
          first_name: undefined,
          last_name: undefined,
          sender_ext_ref: undefined,
          phone_number: null,
          email_address: null,
          message_direction: null,
          number_dialed_by_user: null,
          call_duration_in_sec: 60,
          recording_url: 'https://api.voipbin.net/v1.0/recordingfiles/a1000000-0000-4000-8000-000000000004',
          media: 'audio',
          record_id: 'a1000000-0000-4000-8000-000000000004',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: null,
          source_version: 1_769_591_818_076_735,
          source_ordinal: 7,
          map_keys: { voipbin_customer_id: 'c0000000-0000-4000-8000-000000000001' },
        },
      ],
    })
  })

  test('that has not ended is pending, for a week after it was made', () => {
    expect(flatten({ recording: inProgress })).toEqual({
      kind: 'pending',
      recordId: 'a1000000-0000-4000-8000-000000000002',
      waiting: { reason: 'status-recording', notBefore: null, giveUpAt: 1_780_412_650_900_000 + week },
    })
  })

  test('of seven keys is pending, no reject', () => {
    expect(flatten({ recording: bareRecord })).toEqual({
      kind: 'pending',
      recordId: 'a1000000-0000-4000-8000-000000000003',
      waiting: { reason: 'status-initiating', notBefore: null, giveUpAt: 1_780_412_650_900_000 + week },
    })
  })

  test('of seven keys without any time is pending as well, and rejected when waiting is over', () => {
    const { tm_create: _, ...recording } = bareRecord
    expect(flatten({ recording }, {}, { ordinal: 1_780_000_000_000_000 })).toMatchObject({
      kind: 'pending',
      waiting: { reason: 'status-initiating', giveUpAt: 1_780_000_000_000_000 + week },
    })
    expect(flatten({ recording }, {}, { final: true })).toMatchObject({ reason: { code: 'missing-created-at' } })
  })

  test('that never ended is a row without address and length when waiting is over', () => {
    const flattened = flatten({ recording: inProgress }, {}, { final: true })
    expect(rowOf(flattened)).toMatchObject({
      created_at: 1_780_412_651_219_000,
      recording_status: 'processing',
      recording_url: null,
      call_duration_in_sec: null,
      source_version: 1_780_412_651_219_004,
    })
    expect(rowOf(flatten({ recording: bareRecord }, {}, { final: true }))).toMatchObject({
      created_at: 1_780_412_650_900_000,
      conversation_id: 'b1000000-0000-4000-8000-000000000003',
    })
  })

  test('of an unknown status waits, and is counted at the end', () => {
    const recording = { ...inbound, status: 'Paused by the agent' }
    expect(flatten({ recording })).toMatchObject({ waiting: { reason: 'status-paused-by-the-agent' } })
    expect(notesOf(flatten({ recording }, {}, { final: true }))).toEqual(['status-unknown'])
  })

  test('of an unknown reference type keeps what it refers to, and is counted', () => {
    const flattened = flatten({ recording: { ...inbound, reference_type: 'queuecall' } })
    expect(rowOf(flattened).conversation_id).toBe('b1000000-0000-4000-8000-000000000001')
    expect(notesOf(flattened)).toEqual(['reference-type-unknown'])
  })

  test('that refers to nothing is a conversation for itself', () => {
    const recording = { ...inbound, reference_id: '00000000-0000-0000-0000-000000000000' }
    const flattened = flatten({ recording })
    expect(rowOf(flattened).conversation_id).toBe('a1000000-0000-4000-8000-000000000001')
    expect(notesOf(flattened)).toEqual(['conversation-id-defaulted'])
  })

  test('with a tm_delete is deleted, has no address, and waits for nothing', () => {
    const flattened = flatten({ recording: { ...inProgress, tm_delete: '2026-06-03 00:00:00.000001' }, call: null })
    expect(rowOf(flattened)).toMatchObject({
      recording_status: 'deleted',
      recording_url: null,
      deleted_at: 1_780_444_800_000_001,
    })
    expect(waitingOf(flattened)).toBeNull()
  })

  test.each([
    ['tm_end', { tm_end: '2026-01-29 05:31:00.000000' }, null, []],
    ['no tm_end', { tm_end: undefined }, null, []],
    ['a tm_end that is none', { tm_end: 'soon' }, null, ['recording-end-unreadable']],
    ['no tm_start', { tm_start: '' }, null, []],
    ['a century', { tm_start: '1920-01-01 00:00:00' }, null, ['duration-unreadable']],
    ['half a second', { tm_end: '2026-01-29 05:31:45.551136' }, 1, []],
    ['no time', { tm_end: '2026-01-29 05:31:45.051136' }, 0, []],
  ])('with %s before its start, or so, has a length only if it is known', (_, changed, seconds, notes) => {
    const flattened = flatten({ recording: { ...inbound, ...changed } })
    expect(rowOf(flattened).call_duration_in_sec).toBe(seconds)
    expect(notesOf(flattened)).toEqual(notes)
  })

  test('of the last row of a list has microseconds of its own where tm_start is unset', () => {
    expect(rowOf(flatten({ recording: { ...inbound, tm_start: null } })).created_at).toBe(1_769_664_704_900_001)
  })

  test('without a version of its own has that of its creation; one that cannot be read is counted', () => {
    const flattened = flatten({ recording: { ...inbound, tm_update: 'lately' } })
    expect(rowOf(flattened).source_version).toBe(1_769_664_704_900_001)
    expect(notesOf(flattened)).toEqual(['version-unreadable'])
  })

  test.each([
    ['no id', { id: undefined }, 'missing-id', 'id'],
    ['no time', { tm_start: null, tm_create: '9999-01-01 00:00:00.000000' }, 'missing-created-at', 'tm_start'],
    ['a start that is none', { tm_start: 'noon' }, 'invalid-instant', 'tm_start'],
    ['a creation that is none', { tm_start: undefined, tm_create: 'noon' }, 'invalid-instant', 'tm_create'],
    ['a start before telephones', { tm_start: '1066-10-14 00:00:00' }, 'instant-out-of-range', 'tm_start'],
  ])('with %s is rejected', (_, changed, code, path) => {
    expect(flatten({ recording: { ...inbound, ...changed } })).toMatchObject({ kind: 'reject', reason: { code, path } })
  })
})

describe('the call', () => {
  const withSource = (source: object) => flatten({ recording: inbound, call: { ...inboundCall, source } })

  test('that was not asked for leaves everything as it is', () => {
    const flattened = flatten({ recording: inbound })
    expect(rowOf(flattened)).toMatchObject({
      phone_number: undefined,
      number_dialed_by_user: undefined,
      message_direction: undefined,
      email_address: undefined,
    })
    expect(waitingOf(flattened)).toBeNull()
  })

  test('that is not there yet does so too, and is waited for for a week', () => {
    const flattened = flatten({ recording: inbound, call: null })
    expect(rowOf(flattened)).toMatchObject({ phone_number: undefined, message_direction: undefined })
    expect(waitingOf(flattened)).toEqual({
      reason: 'call-missing',
      notBefore: null,
      giveUpAt: 1_769_664_704_900_001 + week,
    })
    expect(waitingOf(flatten({ recording: inbound, call: null }, {}, { final: true }))).toBeNull()
  })

  test.each([
    ['sip', 'sip:agent7@sip.example.test'],
    ['extension', '1001'],
    ['agent', '55555555-5555-4555-8555-000000000007'],
    ['line', 'U123'],
    ['ai_team', '55555555-5555-4555-8555-000000000008'],
    ['', '+15125550123'],
  ])('with a source of type %s has no number', (type, target) => {
    const flattened = withSource({ type, target, target_name: '' })
    expect(rowOf(flattened)).toMatchObject({ phone_number: null, message_direction: 'inbound', email_address: null })
    expect(notesOf(flattened)).toEqual([])
  })

  test('with an e-mail source has its address', () => {
    expect(rowOf(withSource({ type: 'email', target: 'jo.doe@example.test' }))).toMatchObject({
      phone_number: null,
      email_address: 'jo.doe@example.test',
    })
  })

  test('with a withheld number has none, and that is counted', () => {
    const flattened = withSource({ type: 'tel', target: 'anonymous' })
    expect(rowOf(flattened).phone_number).toBeNull()
    expect(notesOf(flattened)).toEqual(['phone-unreadable'])
  })

  test('without a direction, or with another word, has none', () => {
    const { direction: _, ...without } = inboundCall
    expect(rowOf(flatten({ recording: inbound, call: without })).message_direction).toBeUndefined()
    const flattened = flatten({ recording: inbound, call: { ...inboundCall, direction: 'sideways' } })
    expect(rowOf(flattened).message_direction).toBeNull()
    expect(notesOf(flattened)).toEqual(['direction-unknown'])
  })
})

describe('a conference', () => {
  const extension = {
    ...inboundCall,
    source: { type: 'agent', target: 'x' },
    destination: { type: 'sip', target: 'y' },
  }

  test('with exactly one participant on the telephone has its numbers and direction', () => {
    expect(rowOf(flatten({ recording: confbridge, conference, participants: [extension, inboundCall] }))).toMatchObject(
      {
        phone_number: '+15125550123',
        number_dialed_by_user: '+15125550199',
        message_direction: 'inbound',
      },
    )
  })

  test('with two has none', () => {
    expect(
      rowOf(flatten({ recording: confbridge, conference, participants: [inboundCall, outboundCall] })),
    ).toMatchObject({ phone_number: null, number_dialed_by_user: null, message_direction: null })
  })

  test('that is not found is waited for for two days', () => {
    const flattened = flatten({ recording: confbridge, conference: null })
    expect(rowOf(flattened)).toMatchObject({ phone_number: undefined, message_direction: undefined })
    expect(waitingOf(flattened)).toEqual({
      reason: 'conference-missing',
      notBefore: null,
      giveUpAt: 1_769_591_818_076_735 + 172_800_000_000,
    })
  })
})

describe('names', () => {
  const named = (changed: Partial<VoipbinFlattenSettings>, record: object) =>
    rowOf(flatten({ recording: inbound, call: inboundCall, ...record }, changed))

  test('are of the contact, with its e-mail and external id', () => {
    expect(named({ contacts: true }, { contact })).toMatchObject({
      first_name: 'Jo',
      last_name: 'Doe',
      sender_ext_ref: 'resident-77',
      email_address: 'jo.doe@example.test',
    })
  })

  test('are cleared when there is no such contact, and kept when nobody was asked', () => {
    expect(named({ contacts: true }, { contact: null })).toMatchObject({ first_name: null, sender_ext_ref: null })
    expect(named({ contacts: true }, {})).toMatchObject({ first_name: undefined, sender_ext_ref: undefined })
  })

  test('are of the caller id where the operator wants that', () => {
    expect(named({ caller_names: true }, {})).toMatchObject({
      first_name: 'DOE',
      last_name: 'JO',
      sender_ext_ref: undefined,
    })
  })

  test.each([
    ['DOE, JO ANN', 'JO ANN', 'DOE'],
    ['Jo', 'Jo', null],
    ['+1 512 555 0123', null, null],
    ['ANONYMOUS', null, null],
    ['', null, null],
  ])('in the caller id %j are %j and %j', (target_name, first_name, last_name) => {
    const source = { type: 'tel', target: '+15125550123', target_name }
    expect(named({ caller_names: true }, { call: { ...inboundCall, source } })).toMatchObject({ first_name, last_name })
  })

  test('of an outbound call are nobody, unless they are to be of the customer', () => {
    const record = { recording: outbound, call: outboundCall, contact }
    expect(named({ contacts: true }, { ...record, contact: null })).toMatchObject({ first_name: null })
    expect(named({ contacts: true, person: 'customer' }, record)).toMatchObject({ first_name: 'Jo', last_name: 'Doe' })
  })

  test('are never those of the owner', () => {
    expect(named({ contacts: true }, { recording: { ...inbound, owner_type: 'agent' } }).sender_ext_ref).toBeUndefined()
  })
})

describe('the transcript', () => {
  const [last = {}, first = {}] = lines
  const textOf = (...given: readonly object[]) =>
    rowOf(flatten({ recording: inbound, transcribes, transcript: { ...transcript, lines: given } })).message_text

  test('is put in order of what was said, whatever tells it', () => {
    expect(textOf(last, first)).toBe('Is unit 4B open?\nYes, from June.')
    const offset = { id: 'x', message: 'Hello.', offset_ms: 100, tm_create: '2026-01-29T05:40:00Z' }
    expect(textOf(last, first, offset)).toBe('Hello.\nIs unit 4B open?\nYes, from June.')
    const since = { id: 'y', message: 'In between.', tm_transcript: '0001-01-01 00:00:03.500000' }
    expect(textOf(last, since, first)).toBe('Is unit 4B open?\nIn between.\nYes, from June.')
  })

  test('falls back on when lines were written, then on their ids', () => {
    const line = (id: string, tm_create: string) => ({ id, message: id, tm_create })
    expect(
      textOf(line('c', '2026-01-29T05:34:20Z'), line('b', '2026-01-29 05:34:20'), line('a', '2026-01-29 05:34:21')),
    ).toBe('b\nc\na')
  })

  test('without a word is null, never empty', () => {
    expect(textOf()).toBeNull()
    expect(textOf({ id: 'x', message: '' }, { id: 'y', message: ' ' })).toBeNull()
  })

  test('is null when the recording has none, and kept when nobody knows', () => {
    expect(rowOf(flatten({ recording: inbound, transcribes: [] })).message_text).toBeNull()
    expect(rowOf(flatten({ recording: inbound })).message_text).toBeUndefined()
  })

  test('that is being made, or is not to be had, is waited for for a week, and keeps what is there', () => {
    const [done = {}] = transcribes
    const making = { ...done, status: 'progressing', tm_create: '2026-03-01T00:00:00Z' }
    const flattened = flatten({ recording: inbound, transcribes: [making] })
    expect(rowOf(flattened).message_text).toBeUndefined()
    expect(waitingOf(flattened)).toEqual({
      reason: 'transcript-in-progress',
      notBefore: null,
      giveUpAt: 1_772_323_200_000_000 + week,
    })
    expect(waitingOf(flatten({ recording: inbound, transcribes, transcript: null }))).toEqual({
      reason: 'transcript-missing',
      notBefore: null,
      giveUpAt: 1_769_664_840_000_000 + week,
    })
  })
})
