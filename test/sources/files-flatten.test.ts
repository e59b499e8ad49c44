import { describe, expect, it, test } from 'vitest'
import type { Flattened } from '../../src/domain/flattened.ts'
import type { RecordingRow } from '../../src/domain/recording-row.ts'
import { compileFlatten } from '../../src/sources/files/flatten.ts'
import { mappingHash } from '../../src/sources/files/mapping-hash.ts'
import { requiredColumns } from '../../src/sources/files/required-columns.ts'
import { type FilesSettings, filesSettings } from '../../src/sources/files/settings.ts'
import { compileFileVersion } from '../../src/sources/files/version.ts'

const settingsOf = (settings: object): FilesSettings => filesSettings.parse({ paths: ['dump.csv'], ...settings })

const context = { version: 1_752_505_331_000_000, ordinal: 7, final: true }

const flatten = (settings: object, record: unknown): Flattened => compileFlatten(settingsOf(settings))(record, context)

const rowOf = (flattened: Flattened): RecordingRow => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  if (row === undefined) throw new Error(`no row: ${JSON.stringify(flattened)}`)
  return row
}

const notesOf = (flattened: Flattened): readonly string[] => (flattened.kind === 'rows' ? flattened.notes : [])

const travtus = { shape: 'travtus' }

const travtusRecord = {
  conversation_id: 'conv-1',
  message_id: 'rec-1',
  created_at: '2026-07-14T15:02:11Z',
  portfolio_id: '99999999-0000-4000-8000-000000000001',
  message_text: ' AI: Maple Court.\nUser: Is "4B" open? ',
  first_name: 'Jo',
  last_name: 'Null',
  sender_ext_ref: 't0012345',
  phone_number: '+15125550123',
  email_address: '',
  message_direction: 'Inbound',
  number_dialed_by_user: '+15125550199',
  call_duration_in_sec: '73',
  recording_url: 'https://api.example.test/v2/recordings/rec-1',
}

/** The least a mapping needs. */
const minimal = { message_id: 'id', created_at: 'at' }
const minimalRecord = { id: 'rec-1', at: '2026-07-14T15:02:11Z' }

describe('a record of a Travtus dump', () => {
  test('is a row of the same 14 values', () => {
    expect(flatten(travtus, travtusRecord)).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'conv-1',
          message_id: 'rec-1',
          created_at: 1_784_041_331_000_000,
          portfolio_id: '99999999-0000-4000-8000-000000000001',
          message_text: 'AI: Maple Court.\nUser: Is "4B" open?',
          first_name: 'Jo',
          last_name: 'Null',
          sender_ext_ref: 't0012345',
          phone_number: '+15125550123',
          email_address: null,
          message_direction: 'inbound',
          number_dialed_by_user: '+15125550199',
          call_duration_in_sec: 73,
          recording_url: 'https://api.example.test/v2/recordings/rec-1',
          media: 'audio',
          record_id: 'rec-1',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: undefined,
          source_version: 1_752_505_331_000_000,
          source_ordinal: 7,
          map_keys: {},
        },
      ],
    })
  })

  test('keeps what is stored in a column that it lacks, and clears what is stored in one that is empty', () => {
    const { message_text, email_address, recording_url, ...rest } = travtusRecord
    const row = rowOf(flatten(travtus, { ...rest, first_name: 'N/A', portfolio_id: ' ' }))
    expect(row.message_text).toBeUndefined()
    expect(row.recording_url).toBeUndefined()
    expect(row.recording_status).toBeUndefined()
    expect(row.first_name).toBeNull()
    expect(row.portfolio_id).toBeNull()
  })

  test('in the form in which it is delivered needs a zone', () => {
    const record = { ...travtusRecord, created_at: '2026-07-14T15:02:11' }
    expect(rowOf(flatten({ ...travtus, zone: 'UTC' }, record)).created_at).toBe(1_784_041_331_000_000)
    expect(flatten(travtus, record)).toEqual({
      kind: 'reject',
      recordId: 'rec-1',
      reason: {
        code: 'missing-zone',
        path: 'created_at',
        detail: '"2026-07-14T15:02:11" names no time zone; set the zone of the column or the connection',
      },
    })
  })

  test('has one shape with every other row, so that rows are cheap to handle', () => {
    const full = Object.keys(rowOf(flatten(travtus, travtusRecord)))
    expect(Object.keys(rowOf(flatten({ columns: minimal }, minimalRecord)))).toEqual(full)
  })
})

describe('a mapped record', () => {
  test('leaves unmapped fields as they are stored, and is a conversation of its own', () => {
    expect(rowOf(flatten({ columns: minimal, media: 'chat' }, minimalRecord))).toEqual({
      conversation_id: 'rec-1',
      message_id: 'rec-1',
      created_at: 1_784_041_331_000_000,
      portfolio_id: undefined,
      message_text: undefined,
      first_name: undefined,
      last_name: undefined,
      sender_ext_ref: undefined,
      phone_number: undefined,
      email_address: undefined,
      message_direction: undefined,
      number_dialed_by_user: undefined,
      call_duration_in_sec: undefined,
      recording_url: undefined,
      media: 'chat',
      record_id: 'rec-1',
      recording_status: undefined,
      recording_expires_at: undefined,
      deleted_at: undefined,
      source_version: 1_752_505_331_000_000,
      source_ordinal: 7,
      map_keys: {},
    })
  })

  test('of an American call log becomes a row', () => {
    const settings = {
      zone: 'America/Chicago',
      default_country: 'US',
      columns: {
        message_id: { hash: ['From', 'To', 'Date', 'Time'] },
        conversation_id: 'Session',
        created_at: { column: ['Date', 'Time'], format: 'M/d/yyyy h:mm:ss a' },
        phone_number: 'From',
        number_dialed_by_user: { column: 'To' },
        message_direction: { column: 'Kind', inbound: ['In'], outbound: ['Out'] },
        call_duration_in_sec: { column: 'Length', unit: 'h:mm:ss' },
        portfolio_id: { constant: 'maple' },
      },
      map_keys: { queue: 'Queue' },
    }
    const record = {
      From: '(512) 555-0123',
      To: '512-555-0199 x4',
      Date: '7/14/2026',
      Time: '3:02:11 PM',
      Session: 's-1',
      Kind: 'IN',
      Length: '1:13',
      Queue: ' leasing ',
    }
    expect(rowOf(flatten(settings, record))).toMatchObject({
      message_id: '765d6ec299db4bd8a2688c2acbaf532c',
      conversation_id: 's-1',
      created_at: 1_784_059_331_000_000,
      phone_number: '+15125550123',
      number_dialed_by_user: '+15125550199',
      message_direction: 'inbound',
      call_duration_in_sec: 73,
      portfolio_id: 'maple',
      map_keys: { queue: 'leasing' },
    })
  })

  test('counts what was accepted but is worth knowing', () => {
    const settings = {
      zone: 'America/Chicago',
      columns: {
        ...minimal,
        conversation_id: 'session',
        phone_number: 'from',
        message_direction: 'kind',
        recording_url: 'url',
        message_text: 'text',
      },
    }
    const flattened = flatten(settings, {
      id: 'rec-1',
      at: '2026-11-01T01:30:00',
      session: '-',
      from: 'anonymous',
      kind: 'internal',
      url: 'https://b.test/r?X-Amz-Signature=abc',
      text: 'a\0b',
    })
    expect(new Set(notesOf(flattened))).toEqual(
      new Set([
        'time-in-dst-overlap',
        'conversation-id-defaulted',
        'phone-unreadable',
        'direction-unknown',
        'signed-link-dropped',
        'characters-replaced',
      ]),
    )
    expect(rowOf(flattened)).toMatchObject({
      conversation_id: 'rec-1',
      created_at: 1_793_514_600_000_000,
      phone_number: null,
      message_direction: null,
      message_text: 'a\ufffdb',
      recording_url: undefined,
      recording_status: undefined,
    })
  })

  test('has no signed link in its row, and none in the reason of its reject', () => {
    const link = 'https://b.test/r?X-Amz-Signature=abc123'
    const flattened = flatten({ columns: minimal }, { id: 'rec-1', at: link })
    expect(JSON.stringify(flattened)).not.toContain('abc123')
    expect(flattened).toMatchObject({ kind: 'reject', reason: { code: 'invalid-instant', path: 'at' } })
  })

  it.each([
    ['inbound', 'inbound'],
    ['OUTBOUND', 'outbound'],
    ['Incoming', 'inbound'],
    ['outgoing', 'outbound'],
    ['Llamada entrante', 'inbound'],
    ['in', null],
    ['internal', null],
    ['-', null],
  ])('of the direction %s is %s', (word, expected) => {
    const columns = { ...minimal, message_direction: { column: 'kind', inbound: ['llamada entrante'] } }
    expect(rowOf(flatten({ columns }, { ...minimalRecord, kind: word })).message_direction).toBe(expected)
  })
})

describe('a record that cannot become a row', () => {
  const reasonOf = (settings: object, record: unknown) => {
    const flattened = flatten(settings, record)
    return flattened.kind === 'reject' ? [flattened.recordId, flattened.reason.code, flattened.reason.path] : 'row'
  }
  const columns = { ...minimal, call_duration_in_sec: 'secs', message_text: 'text' }
  const hashed = { columns: { ...columns, message_id: { hash: ['a', 'b'] } } }

  it.each<[string, object, unknown, readonly (string | null)[]]>([
    ['lacks its id', { columns }, { at: '2026-07-14T15:02:11Z' }, [null, 'missing-id', 'id']],
    ['has a blank id', { columns }, { id: ' ', at: '2026-07-14T15:02:11Z' }, [null, 'missing-id', 'id']],
    [
      'has nothing to derive its id of',
      hashed,
      { a: ' ', b: 'NULL', at: '2026-07-14T15:02:11Z' },
      [null, 'missing-id', 'a + b'],
    ],
    ['lacks its time', { columns }, { id: 'rec-1', at: null }, ['rec-1', 'missing-created-at', 'at']],
    [
      'has a day that does not exist',
      { columns },
      { id: 'rec-1', at: '2026-02-30T00:00:00Z' },
      ['rec-1', 'invalid-instant', 'at'],
    ],
    [
      'has a broken duration',
      { columns },
      { ...minimalRecord, secs: '1,234.5' },
      ['rec-1', 'invalid-duration', 'secs'],
    ],
    ['has an object for a cell', { columns }, { ...minimalRecord, text: { a: 1 } }, ['rec-1', 'invalid-cell', 'text']],
    ['has an id whose digits are lost', { columns }, { ...minimalRecord, id: 2 ** 60 }, [null, 'invalid-cell', 'id']],
    ['is no object', { columns }, ['rec-1'], [null, 'not-an-object', null]],
    ['is null', { columns }, null, [null, 'not-an-object', null]],
  ])('because it %s names the cell', (_, settings, record, expected) => {
    expect(reasonOf(settings, record)).toEqual(expected)
  })

  test('of date and time in two columns lacks its time when one of them is empty', () => {
    const settings = { zone: 'UTC', columns: { ...minimal, created_at: { column: ['Date', 'Time'] } } }
    expect(rowOf(flatten(settings, { id: 'rec-1', Date: '2026-07-14', Time: '15:02:11' })).created_at).toBe(
      1_784_041_331_000_000,
    )
    expect(reasonOf(settings, { id: 'rec-1', Date: '2026-07-14', Time: '' })).toEqual([
      'rec-1',
      'missing-created-at',
      'Date + Time',
    ])
  })

  test('shows at most 60 characters of the cell, control characters escaped', () => {
    const flattened = flatten({ columns }, { ...minimalRecord, secs: `\u0007${'9'.repeat(1000)}` })
    expect(flattened.kind === 'reject' && flattened.reason.detail).toBe(
      `"\\u0007${'9'.repeat(59)}..." is not seconds: digits, with a decimal point at most`,
    )
  })

  test('says the version that it states, when that can be read', () => {
    const versioned = { columns, version: { column: 'v' } }
    const record = { id: 'rec-1', at: 'noon' }
    expect(flatten(versioned, { ...record, v: '12' })).toMatchObject({ kind: 'reject', version: 12 })
    expect(flatten(versioned, { ...record, v: 'new' })).not.toHaveProperty('version')
    expect(flatten({ columns }, record)).not.toHaveProperty('version')
  })
})

describe('a JSON record', () => {
  const columns = {
    message_id: 'call.id',
    created_at: { column: 'call.at', format: 'unix_s' },
    call_duration_in_sec: 'call.seconds',
    phone_number: 'call.customer.number',
    message_text: 'a.b',
    sender_ext_ref: 'parts.1.ref',
    first_name: 'constructor',
    last_name: 'call.toString',
  }

  test('is read by dotted paths, the exact name first, and never by what it inherits', () => {
    const record = {
      call: { id: 12345, at: 1784041331.25, seconds: 72.5, customer: { number: '+15125550123' } },
      'a.b': 'exact',
      a: { b: 'path' },
      parts: [{ ref: 'x' }, { ref: true }],
    }
    expect(rowOf(flatten({ columns }, record))).toMatchObject({
      message_id: '12345',
      created_at: 1_784_041_331_250_000,
      call_duration_in_sec: 73,
      phone_number: '+15125550123',
      message_text: 'exact',
      sender_ext_ref: 'true',
      first_name: undefined,
      last_name: undefined,
    })
    expect(rowOf(flatten({ columns }, { ...record, 'a.b': undefined })).message_text).toBeUndefined()
  })

  test('keeps what is stored where a path ends early, and clears it where the path meets null', () => {
    const call = { id: 'rec-1', at: 1784041331 }
    const row = (record: object) => rowOf(flatten({ columns }, record))
    expect(row({ call }).phone_number).toBeUndefined()
    expect(row({ call: { ...call, customer: 'none' } }).phone_number).toBeUndefined()
    expect(row({ call: { ...call, customer: null } }).phone_number).toBeNull()
    expect(row({ call, parts: [] }).sender_ext_ref).toBeUndefined()
    expect(row({ call, parts: 'ab' }).sender_ext_ref).toBeUndefined()
  })

  it.each([
    [0.000_000_12, '0.00000012'],
    [-1.5e-9, '-0.0000000015'],
    [9_007_199_254_740_991, '9007199254740991'],
    [0, '0'],
    [-0, '0'],
    [true, 'true'],
    [false, 'false'],
  ])('with the id %s has the id "%s"', (id, expected) => {
    expect(rowOf(flatten({ columns: minimal }, { ...minimalRecord, id })).message_id).toBe(expected)
  })
})

describe('a derived id', () => {
  const hashed = { columns: { ...minimal, message_id: { hash: ['from', 'text'] } } }
  const idOf = (record: object) => rowOf(flatten(hashed, { ...minimalRecord, ...record })).message_id

  test('is made of the cells as the file has them, but for the white space around', () => {
    expect(idOf({ from: ' +15125550123', text: 'NULL' })).toBe(idOf({ from: '+15125550123 ', text: 'NULL' }))
    expect(idOf({ from: '+15125550123', text: 'NULL' })).not.toBe(idOf({ from: '+15125550123', text: null }))
    expect(idOf({ from: '+15125550123', text: '' })).not.toBe(idOf({ from: '+15125550123' }))
    expect(idOf({ from: 'a\0' })).not.toBe(idOf({ from: 'a\ufffd' }))
  })
})

describe('the version of a record', () => {
  const versionOf = (version: unknown, record: object) =>
    rowOf(flatten({ columns: minimal, version, zone: 'UTC' }, { ...minimalRecord, ...record })).source_version

  test('is a whole number as it is, or an instant in microseconds', () => {
    expect(versionOf({ column: 'v' }, { v: '42' })).toBe(42)
    expect(versionOf({ column: 'v' }, { v: 42 })).toBe(42)
    expect(versionOf({ column: 'v' }, { v: '2026-07-14T15:02:11.000001' })).toBe(1_784_041_331_000_001)
    expect(versionOf({ column: 'v', format: 'unix_s' }, { v: '1784041331' })).toBe(1_784_041_331_000_000)
  })

  test('is none when its cell is blank or missing, and the version of the file when no column states one', () => {
    expect(versionOf({ column: 'v' }, { v: '' })).toBeNull()
    expect(versionOf({ column: 'v' }, {})).toBeNull()
    expect(versionOf('mtime', {})).toBe(1_752_505_331_000_000)
  })

  test('rejects the record when it cannot be read', () => {
    const settings = { columns: minimal, version: { column: 'v' } }
    expect(flatten(settings, { ...minimalRecord, v: '1.5' })).toEqual({
      kind: 'reject',
      recordId: 'rec-1',
      reason: {
        code: 'invalid-version',
        path: 'v',
        detail: 'no whole number, and "1.5" is no instant of the form YYYY-MM-DDTHH:MM:SS with Z, +hh:mm or no zone',
      },
    })
    expect(flatten(settings, { ...minimalRecord, v: '99999999999999999999' })).toMatchObject({ kind: 'reject' })
  })
})

describe('the version of a file', () => {
  const versionOf = (version: unknown, name: string) =>
    compileFileVersion(settingsOf({ ...travtus, version, zone: 'UTC' }))(name, 5)

  test('is its time of change, none, or what its name says', () => {
    expect(versionOf('mtime', 'a.csv')).toEqual({ kind: 'value', value: 5, note: null })
    expect(versionOf('none', 'a.csv')).toEqual({ kind: 'value', value: null, note: null })
    expect(versionOf({ column: 'v' }, 'a.csv')).toEqual({ kind: 'value', value: null, note: null })
    expect(versionOf({ file_name: 'calls_(\\d+)' }, 'x/calls_20260714.csv')).toEqual({
      kind: 'value',
      value: 20_260_714,
      note: null,
    })
    expect(versionOf({ file_name: 'calls_(\\d+)', format: 'yyyyMMdd' }, 'x/calls_20260714.csv')).toEqual({
      kind: 'value',
      value: 1_783_987_200_000_000,
      note: null,
    })
  })

  test('is an error that names the file and the pattern when they do not fit', () => {
    expect(versionOf({ file_name: 'calls_(\\d+)' }, 'notes.csv')).toEqual({
      kind: 'invalid',
      code: 'invalid-version',
      detail: 'file name "notes.csv", version pattern "calls_(\\d+)": no match with a first group',
    })
    expect(versionOf({ file_name: 'calls_(.*)\\.csv' }, 'calls_new.csv')).toMatchObject({
      detail:
        'file name "calls_new.csv", version pattern "calls_(.*)\\.csv": no whole number, and "new" is no instant of the form YYYY-MM-DDTHH:MM:SS with Z, +hh:mm or no zone',
    })
  })
})

describe('settings that cannot work', () => {
  it.each<[object, string]>([
    [{ columns: { ...minimal, message_id: { constant: 'x' } } }, 'a constant would make every record the same row'],
    [{ columns: { ...minimal, created_at: { column: 'at', format: 'HH:mm' } } }, 'names no complete date'],
    [{ columns: minimal, default_country: 'XX' }, 'country "XX" is unknown'],
    [
      { columns: { ...minimal, message_direction: { column: 'k', inbound: ['A'], outbound: ['a '] } } },
      '"a" is listed as inbound and as outbound',
    ],
    [{ columns: minimal, version: { file_name: '(\\d+)', format: 'yyyy' } }, 'names no complete date'],
  ])('are refused before anything is read: %j', (settings, problem) => {
    expect(() => compileFlatten(settingsOf(settings))).toThrow(problem)
  })
})

describe('the columns that a file must have', () => {
  test('are those that the settings name, each once', () => {
    const settings = settingsOf({
      columns: {
        message_id: { hash: ['From', 'Date'] },
        created_at: { column: ['Date', 'Time'] },
        phone_number: { column: 'From' },
        message_direction: { constant: 'inbound' },
        message_text: 'Text',
      },
      map_keys: { queue: 'Queue' },
      version: { column: 'Changed' },
    })
    expect(requiredColumns(settings)).toEqual(['From', 'Date', 'Time', 'Text', 'Queue', 'Changed'])
  })

  test('are of a Travtus dump only the keys', () => {
    expect(requiredColumns(settingsOf(travtus))).toEqual(['message_id', 'conversation_id', 'created_at'])
  })
})

describe('the hash of the mapping', () => {
  const hash = mappingHash(settingsOf({ columns: minimal }))

  test('is the same whatever the order of the settings, and wherever the files are', () => {
    const reordered = { columns: { created_at: 'at', message_id: 'id' }, paths: ['elsewhere/*.csv'] }
    expect(mappingHash(settingsOf(reordered))).toBe(hash)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<[string, object]>([
    ['a column', { columns: { ...minimal, first_name: 'name' } }],
    ['the zone', { columns: minimal, zone: 'UTC' }],
    ['the placeholders', { columns: minimal, placeholders: [] }],
    ['the encoding', { columns: minimal, encoding: 'utf-8' }],
    ['the handling of ragged lines', { columns: minimal, csv: { ragged: 'pad' } }],
    ['the version', { columns: minimal, version: 'none' }],
  ])('is another one when %s changes', (_, settings) => {
    expect(mappingHash(settingsOf(settings))).not.toBe(hash)
  })
})
