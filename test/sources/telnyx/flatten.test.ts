import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import type { FlattenContext } from '../../../src/sources/source.ts'
import { callFacts } from '../../../src/sources/telnyx/call-facts.ts'
import { compileTelnyxFlatten, type TelnyxFlattenSettings } from '../../../src/sources/telnyx/flatten.ts'
import { withoutLinks } from '../../../src/sources/telnyx/links.ts'
import type { JsonObject } from '../../../src/transform/json-object.ts'
import {
  callEvents,
  completedTranscript,
  conference,
  inboundCall,
  inCamelCase,
  outboundCall,
  unfinishedTranscript,
} from './fixtures.ts'

const ours = '+15125550199'

const settings: TelnyxFlattenSettings = { own_numbers: [ours], default_country: 'US', call_events: false }

const context: FlattenContext = { version: null, ordinal: 7, final: false }

const flatten = (record: unknown, changed: Partial<TelnyxFlattenSettings> = {}, asked: Partial<FlattenContext> = {}) =>
  compileTelnyxFlatten({ ...settings, ...changed })(record, { ...context, ...asked })

const rowOf = (flattened: Flattened): RecordingRow => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  if (row === undefined) throw new Error(`no row: ${JSON.stringify(flattened)}`)
  return row
}

const notesOf = (flattened: Flattened): readonly string[] => (flattened.kind === 'rows' ? flattened.notes : [])

const waitingOf = (flattened: Flattened) => (flattened.kind === 'rows' ? (flattened.followUp ?? null) : null)

const without = (record: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

describe('a recording read from the API', () => {
  test('is a row', () => {
    const envelope = { recording: withoutLinks(inboundCall), transcripts: [completedTranscript] }
    expect(flatten(envelope)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: '33333333-3333-11ee-8d11-020000000001',
          message_id: '11111111-1111-4111-8111-000000000001',
          created_at: 1_784_041_331_482_000,
          portfolio_id: undefined,
          message_text: 'Hello, is the unit on the second floor still open?',
          first_name: undefined,
          last_name: undefined,
          sender_ext_ref: undefined,
          phone_number: '+15125550123',
          email_address: undefined,
          message_direction: 'inbound',
          number_dialed_by_user: '+15125550199',
          call_duration_in_sec: 73,
          recording_url: 'https://api.telnyx.com/v2/recordings/11111111-1111-4111-8111-000000000001',
          media: 'audio',
          record_id: '11111111-1111-4111-8111-000000000001',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: null,
          source_version: 1_784_041_510_500_000,
          source_ordinal: 7,
          map_keys: { telnyx_connection_id: '1752000000000000621' },
        },
      ],
    })
  })

  test('with odd numbers and times is a row like any other', () => {
    expect(rowOf(flatten({ recording: withoutLinks(outboundCall) }))).toEqual({
      conversation_id: '33333333-3333-11ee-8d11-020000000002',
      message_id: '11111111-1111-4111-8111-000000000002',
      created_at: 1_784_041_800_000_000,
      portfolio_id: undefined,
      message_text: undefined,
      first_name: undefined,
      last_name: undefined,
      sender_ext_ref: undefined,
      phone_number: '+15125550199',
      email_address: undefined,
      message_direction: 'outbound',
      number_dialed_by_user: '+15125550142',
      call_duration_in_sec: 42,
      recording_url: 'https://api.telnyx.com/v2/recordings/11111111-1111-4111-8111-000000000002',
      media: 'audio',
      record_id: '11111111-1111-4111-8111-000000000002',
      recording_status: 'available',
      recording_expires_at: undefined,
      deleted_at: null,
      source_version: 1_784_114_430_123_456,
      source_ordinal: 7,
      map_keys: { telnyx_connection_id: '1752000000000000621' },
    })
  })

  test('of a conference belongs to it, and says nothing of what it lacks', () => {
    const flattened = flatten({ recording: withoutLinks(conference) })
    expect(rowOf(flattened)).toMatchObject({
      conversation_id: '44444444-4444-4444-8444-000000000003',
      phone_number: null,
      number_dialed_by_user: '+15125550199',
      call_duration_in_sec: undefined,
      map_keys: { telnyx_connection_id: undefined },
    })
    expect(notesOf(flattened)).toEqual(['phone-unreadable'])
  })

  test('is the same row with the names of typed clients, and with digits as text', () => {
    const expected = rowOf(flatten(inboundCall))
    expect(rowOf(flatten(inCamelCase(inboundCall)))).toEqual(expected)
    expect(rowOf(flatten({ ...inboundCall, duration_millis: '73480' }))).toEqual(expected)
  })
})

describe('the chain of a recording', () => {
  test.each<[string, readonly string[], string]>([
    ['the conference, without a session', ['call_session_id'], '44444444-4444-4444-8444-000000000003'],
    ['the leg, without either', ['call_session_id', 'conference_id'], '22222222-2222-11ee-9074-020000000001'],
  ])('is %s', (_, lacking, expected) => {
    const recording = without({ ...inboundCall, conference_id: conference.conference_id }, ...lacking)
    expect(rowOf(flatten(recording)).conversation_id).toBe(expected)
  })

  test('is itself when nothing else is known, and counted', () => {
    const flattened = flatten(without(inboundCall, 'call_session_id', 'conference_id', 'call_leg_id'))
    expect(rowOf(flattened).conversation_id).toBe('11111111-1111-4111-8111-000000000001')
    expect(notesOf(flattened)).toEqual(['conversation-id-defaulted'])
  })
})

describe('a field that the recording lacks', () => {
  test.each<[string, keyof RecordingRow]>([
    ['from', 'phone_number'],
    ['to', 'number_dialed_by_user'],
  ])('%s keeps what is stored, and a stated null clears it', (name, column) => {
    expect(rowOf(flatten(without(inboundCall, name)))[column]).toBeUndefined()
    expect(rowOf(flatten({ ...inboundCall, [name]: null }))[column]).toBeNull()
  })

  test('connection_id keeps what the portfolio map may match', () => {
    expect(rowOf(flatten(without(inboundCall, 'connection_id'))).map_keys).toEqual({ telnyx_connection_id: undefined })
    expect(rowOf(flatten({ ...inboundCall, connection_id: null })).map_keys).toEqual({ telnyx_connection_id: null })
  })

  test('connection_id whose digits were lost is not guessed', () => {
    const flattened = flatten({ ...inboundCall, connection_id: 2 ** 60 })
    expect(rowOf(flattened).map_keys).toEqual({ telnyx_connection_id: undefined })
    expect(notesOf(flattened)).toEqual(['member-unreadable'])
  })
})

describe('the length of a recording', () => {
  const lengthOf = (changed: JsonObject, ...lacking: readonly string[]) =>
    rowOf(flatten(without({ ...inboundCall, ...changed }, ...lacking))).call_duration_in_sec

  test('is rounded to whole seconds', () => {
    expect(lengthOf({ duration_millis: 73_500 })).toBe(74)
    expect(lengthOf({ duration_millis: 400 })).toBe(0)
  })

  test('is what lies between start and end when Telnyx states 0 or none', () => {
    const span = { recording_started_at: '2026-07-14T15:00:00Z', recording_ended_at: '2026-07-14T15:01:30.600Z' }
    expect(lengthOf({ ...span, duration_millis: 0 })).toBe(91)
    expect(lengthOf(span, 'duration_millis')).toBe(91)
  })

  test('is null when it is stated as nothing, and unknown when it is not stated at all', () => {
    expect(lengthOf({ duration_millis: 0 }, 'recording_ended_at')).toBeNull()
    expect(lengthOf({}, 'duration_millis', 'recording_ended_at')).toBeUndefined()
    expect(lengthOf({ duration_millis: 0, recording_ended_at: '2026-07-14T15:02:11.482Z' })).toBeNull()
  })

  test('is unknown, and counted, when it is longer than the warehouse can hold', () => {
    const span = { recording_started_at: '1900-01-01T00:00:00Z', recording_ended_at: '2026-01-01T00:00:00Z' }
    const { duration_millis: _, ...recording }: JsonObject = { ...inboundCall, ...span }
    expect(flatten(recording)).toMatchObject({
      kind: 'rows',
      rows: [{ call_duration_in_sec: undefined }],
      notes: ['duration-unreadable'],
    })
  })

  test('is unknown, and counted, when it is no number', () => {
    const flattened = flatten({ ...without(inboundCall, 'recording_ended_at'), duration_millis: 'long' })
    expect(rowOf(flattened).call_duration_in_sec).toBeUndefined()
    expect(notesOf(flattened)).toEqual(['duration-unreadable'])
  })
})

describe('the time of a recording', () => {
  test('is when it began, or when the resource was created', () => {
    expect(rowOf(flatten(without(inboundCall, 'recording_started_at'))).created_at).toBe(1_784_041_406_118_000)
  })

  test.each(['recording_started_at', 'created_at'])('%s without a zone is rejected', (name) => {
    expect(flatten({ ...inboundCall, [name]: '2026-07-14T15:02:11' })).toEqual({
      kind: 'reject',
      recordId: '11111111-1111-4111-8111-000000000001',
      version: 1_784_041_406_118_000,
      reason: {
        code: 'missing-zone',
        path: name,
        detail: '"2026-07-14T15:02:11" names no time zone; set the zone of the column or the connection',
      },
    })
  })

  test('is never guessed', () => {
    const flattened = flatten(without(inboundCall, 'recording_started_at', 'created_at'))
    expect(flattened).toMatchObject({ kind: 'reject', reason: { code: 'missing-created-at' } })
  })
})

test('a recording without id, and what is no recording, are rejected', () => {
  expect(flatten(without(inboundCall, 'id'))).toMatchObject({ kind: 'reject', recordId: null, reason: { path: 'id' } })
  expect(flatten(completedTranscript)).toMatchObject({ kind: 'reject', reason: { code: 'unexpected-record-type' } })
  expect(flatten(['a', 'list'])).toMatchObject({ kind: 'reject', reason: { code: 'not-an-object' } })
})

describe('the direction', () => {
  const directionOf = (record: unknown, own_numbers: TelnyxFlattenSettings['own_numbers']) =>
    rowOf(flatten(record, { own_numbers })).message_direction

  test('is inbound when our number is called, outbound when it calls', () => {
    expect(directionOf(inboundCall, [ours])).toBe('inbound')
    expect(directionOf(inboundCall, ['+15125550123'])).toBe('outbound')
    expect(directionOf(inboundCall, ['(512) 555-0199'])).toBe('inbound')
  })

  test('is null when a list of numbers says that both are ours, or neither', () => {
    expect(directionOf(inboundCall, [ours, '+15125550123'])).toBeNull()
    expect(directionOf(inboundCall, ['+15125550100'])).toBeNull()
  })

  test('stays unknown when only one party is stated, and that is not ours', () => {
    expect(directionOf(without(inboundCall, 'to'), [ours])).toBeUndefined()
    expect(directionOf(without(inboundCall, 'from'), [ours])).toBe('inbound')
  })

  test('stays unknown when neither is among the numbers that the account has today', () => {
    expect(directionOf({ recording: inboundCall, own_numbers: [] }, 'account')).toBeUndefined()
    expect(directionOf({ recording: inboundCall, own_numbers: [ours] }, 'account')).toBe('inbound')
    expect(directionOf({ recording: inboundCall }, 'account')).toBeUndefined()
    expect(directionOf(inboundCall, undefined)).toBeUndefined()
  })

  test('is that of the earliest leg of the call, where call events tell', () => {
    const events = callEvents.map(callFacts)
    expect(directionOf({ recording: inboundCall, events }, 'account')).toBe('inbound')
    expect(directionOf({ recording: inboundCall, events: events.slice(0, 1) }, 'account')).toBe('outbound')
  })
})

test('call events give the numbers that the recording lacks, of its own leg', () => {
  const recording = without(inboundCall, 'from', 'to')
  const row = rowOf(flatten({ recording, events: callEvents.map(callFacts) }, { own_numbers: 'account' }))
  expect(row).toMatchObject({ phone_number: '+15125550123', number_dialed_by_user: '+15125550199' })
})

test('the recording of a forwarded leg has the numbers of that leg, and the direction of the call', () => {
  const recording = { ...without(inboundCall, 'from', 'to'), call_leg_id: '22222222-2222-11ee-9074-020000000009' }
  const row = rowOf(flatten({ recording, events: callEvents.map(callFacts) }, { own_numbers: 'account' }))
  expect(row).toMatchObject({ number_dialed_by_user: '+15125550177', message_direction: 'inbound' })
})

describe('call events that were not asked for, where they are switched on', () => {
  const partiesOf = (record: object, call_events = true) => {
    const { phone_number, number_dialed_by_user, message_direction } = rowOf(
      flatten(record, { own_numbers: ['+15125550100'], call_events }),
    )
    return [phone_number, number_dialed_by_user, message_direction]
  }

  test('clear nothing of what they said before', () => {
    expect(partiesOf({ recording: inboundCall })).toEqual(['+15125550123', '+15125550199', undefined])
    expect(partiesOf({ recording: { ...inboundCall, from: null, to: null } })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(partiesOf({ recording: { ...inboundCall, from: 'anonymous' } })).toEqual([
      undefined,
      '+15125550199',
      undefined,
    ])
  })

  test('and were, leave what the recording says', () => {
    const recording = { ...inboundCall, from: null }
    expect(partiesOf({ recording, events: [] })).toEqual([null, '+15125550199', null])
    expect(partiesOf({ recording }, false)).toEqual([null, '+15125550199', null])
  })
})

test('of a call event no name is kept', () => {
  expect(callEvents.map(callFacts)[1]).toEqual({
    call_leg_id: '22222222-2222-11ee-9074-020000000001',
    call_session_id: '33333333-3333-11ee-8d11-020000000001',
    direction: 'incoming',
    from: '+15125550123',
    to: '+15125550199',
    occurred_at: '2026-07-14T15:02:01.100000Z',
  })
})

describe('the text', () => {
  const textOf = (transcripts: readonly JsonObject[] | undefined) =>
    rowOf(flatten({ recording: inboundCall, ...(transcripts === undefined ? {} : { transcripts }) })).message_text

  test('is that of the latest completed transcription, in whatever order they come', () => {
    const second = { ...completedTranscript, created_at: '2026-07-14T15:10:00Z', transcription_text: 'Second' }
    expect(textOf([second, completedTranscript])).toBe('Second')
    expect(textOf([completedTranscript, second])).toBe('Second')
    expect(textOf([unfinishedTranscript, completedTranscript])).toBe(completedTranscript.transcription_text)
  })

  test('keeps what is stored when nobody asked for it, and clears it when there is none', () => {
    expect(textOf(undefined)).toBeUndefined()
    expect(textOf([])).toBeNull()
  })

  test('holds no character that Postgres refuses', () => {
    const flattened = flatten({
      recording: inboundCall,
      transcripts: [{ ...completedTranscript, transcription_text: 'a\u0000b' }],
    })
    expect(rowOf(flattened).message_text).toBe('a\ufffdb')
    expect(notesOf(flattened)).toEqual(['characters-replaced'])
  })
})

describe('a recording that is not completed', () => {
  const recording = { ...without(inboundCall, 'download_urls'), status: 'Processing' }

  test('waits, a week at the most', () => {
    expect(flatten({ recording })).toEqual({
      kind: 'pending',
      recordId: '11111111-1111-4111-8111-000000000001',
      waiting: { reason: 'status-processing', notBefore: null, giveUpAt: 1_784_646_206_118_000 },
    })
  })

  test('is a row without address once waiting has ended', () => {
    const flattened = flatten({ recording }, {}, { final: true })
    expect(rowOf(flattened)).toMatchObject({ recording_url: null, recording_status: 'processing' })
    expect(waitingOf(flattened)).toBeNull()
  })

  test('is completed when it has no status at all', () => {
    expect(rowOf(flatten(without(inboundCall, 'status'))).recording_status).toBe('available')
  })
})

describe('a row', () => {
  test('without links is read again for a day', () => {
    for (const recording of [
      without(inboundCall, 'download_urls'),
      { ...inboundCall, download_urls: {} },
      { ...inboundCall, download_urls: { mp3: null, wav: null } },
      withoutLinks({ ...inboundCall, download_urls: { mp3: null } }),
    ]) {
      expect(waitingOf(flatten({ recording }))).toEqual({
        reason: 'no-links',
        notBefore: null,
        giveUpAt: 1_784_127_806_118_000,
      })
    }
  })

  test('with links in any form waits for nothing', () => {
    expect(waitingOf(flatten({ recording: withoutLinks(inboundCall) }))).toBeNull()
    expect(waitingOf(flatten({ recording: withoutLinks(outboundCall) }))).toBeNull()
    expect(waitingOf(flatten(without({ ...inboundCall, download_url: 'link' }, 'download_urls')))).toBeNull()
  })

  test('whose newest transcription is in progress is read again for two days', () => {
    const transcripts = [completedTranscript, unfinishedTranscript]
    const flattened = flatten({ recording: inboundCall, transcripts })
    expect(waitingOf(flattened)).toEqual({
      reason: 'transcript-in-progress',
      notBefore: null,
      giveUpAt: 1_784_215_200_000_000,
    })
    expect(rowOf(flattened).message_text).toBe(completedTranscript.transcription_text)
  })

  test('that waits for two things waits as long as the longer one', () => {
    const flattened = flatten({ recording: without(inboundCall, 'download_urls'), transcripts: [unfinishedTranscript] })
    expect(waitingOf(flattened)).toMatchObject({ reason: 'transcript-in-progress' })
  })

  test('without direction asks call events once they can be there, where they are switched on', () => {
    const asked = { own_numbers: 'account', call_events: true } as const
    expect(waitingOf(flatten({ recording: inboundCall }, asked))).toEqual({
      reason: 'direction-unknown',
      notBefore: 1_784_042_306_118_000,
      giveUpAt: 1_784_127_806_118_000,
    })
    expect(waitingOf(flatten({ recording: inboundCall, events: [] }, asked))).toBeNull()
    expect(waitingOf(flatten({ recording: inboundCall, own_numbers: [ours] }, asked))).toBeNull()
    expect(waitingOf(flatten({ recording: inboundCall }, { own_numbers: 'account' }))).toBeNull()
  })

  test('waits for nothing when waiting has ended', () => {
    const record = { recording: without(inboundCall, 'download_urls'), transcripts: [unfinishedTranscript] }
    expect(waitingOf(flatten(record, { call_events: true }, { final: true }))).toBeNull()
  })
})

describe('the version', () => {
  test('is the later of the recording and its transcription', () => {
    const version = (record: unknown) => rowOf(flatten(record)).source_version
    expect(version(inboundCall)).toBe(1_784_041_406_118_000)
    expect(version({ recording: inboundCall, transcripts: [unfinishedTranscript] })).toBe(1_784_042_400_000_000)
    const changedLater = { ...inboundCall, updated_at: '2026-07-20T00:00:00Z' }
    expect(version({ recording: changedLater, transcripts: [unfinishedTranscript] })).toBe(1_784_505_600_000_000)
  })

  test('is that of the dump where the record states none', () => {
    expect(rowOf(flatten(without(inboundCall, 'updated_at'), {}, { version: 5 })).source_version).toBe(5)
    expect(rowOf(flatten(without(inboundCall, 'updated_at'))).source_version).toBeNull()
  })
})

test('what is stored of a recording holds no link, and tells which formats there are', () => {
  expect(withoutLinks(inboundCall).download_urls).toEqual({ mp3: 'link' })
  expect(withoutLinks(outboundCall).download_urls).toEqual({ mp3: null, wav: 'own storage' })
  const blob = { wav: 'https://acct.blob.example.test/recordings/two' }
  expect(withoutLinks({ download_urls: blob }).download_urls).toEqual({ wav: 'own storage' })
  expect(JSON.stringify(withoutLinks(conference))).not.toContain('Signature')
})
