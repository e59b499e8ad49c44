import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Flattened } from '../../src/domain/flattened.ts'
import type { RecordingRow } from '../../src/domain/recording-row.ts'
import { type BatchSettings, RecordBatch } from '../../src/pipeline/record-batch.ts'
import type { RecordPlace } from '../../src/pipeline/record-place.ts'
import { flattenListRecord } from '../support/list-stream.ts'
import { placedAsIs, row } from '../support/rows.ts'

const settings = (stated: Partial<BatchSettings> = {}): BatchSettings => ({
  recordsKept: 'none',
  flatten: flattenListRecord,
  place: placedAsIs,
  ...stated,
})

const place = (ordinal: number): RecordPlace => ({
  version: 5,
  ordinal: 100 + ordinal,
  fallbackKey: `f1:${ordinal}`,
  file: { name: 'july.jsonl', contentHash: 'f1', ordinal, line: ordinal + 1 },
  stub: null,
})

const rowsOf = (...rows: readonly RecordingRow[]): BatchSettings =>
  settings({ flatten: () => ({ kind: 'rows', rows, notes: [] }) })

describe('a batch', () => {
  test('accounts for every record: as rows, quarantined, or skipped for a counted reason', () => {
    const batch = new RecordBatch(settings())
    const records = [{ id: 'a' }, { reject: 'missing-id' }, { skip: 'screen' }, { throws: 'boom' }, { skip: 'screen' }]
    records.forEach((record, n) => void batch.addRecord(record, place(n)))
    const unreadable = { code: 'malformed', path: null, detail: 'no JSON' }
    batch.addUnreadable({ reason: unreadable, payloadKind: 'text', payload: '{' }, place(5))
    const { read, tallies, rows, rejects } = batch.finish(null)
    expect(read).toEqual({ listed: 6, flattened: 1, rejected: 3, skipped: 2, pending: 0 })
    expect(tallies).toEqual({ 'skip.screen': 2, 'portfolio-unmapped': 1 })
    expect(
      rows.map(({ message_id, source_version, source_ordinal }) => [message_id, source_version, source_ordinal]),
    ).toEqual([['a', 5, 100]])
    expect(rejects.map(({ rejectKey, reason, ordinal }) => [rejectKey, reason.code, ordinal])).toEqual([
      ['f1:1', 'missing-id', 101],
      ['f1:3', 'flatten-failed', 103],
      ['f1:5', 'malformed', 105],
    ])
  })

  test('is full at its number of rows and rejects', () => {
    const batch = new RecordBatch(settings({ batchRows: 3 }))
    batch.addRecord({ id: 'a' }, place(0))
    batch.addRecord({ skip: 'screen' }, place(1))
    batch.addRecord({ reject: 'missing-id' }, place(2))
    expect(batch.isFull).toBe(false)
    batch.addRecord({ id: 'b' }, place(3))
    expect(batch.isFull).toBe(true)
  })

  test('is full at its number of records that are no rows, of an API', () => {
    const waiting = { reason: 'status-processing', notBefore: null, giveUpAt: 2_000 }
    const batch = new RecordBatch(
      settings({ batchRows: 3, now: () => 1_000, flatten: () => ({ kind: 'pending', recordId: 'a', waiting }) }),
    )
    const listed = { parentId: null, windowAt: 1, version: null, joinedVersion: null, fingerprint: 'f', due: null }
    for (const key of ['a', 'b', 'c']) {
      expect(batch.isFull).toBe(false)
      batch.addRecord({}, { ...place(0), file: null, stub: { key, unusable: null, ...listed } })
    }
    expect(batch.isFull).toBe(true)
    expect(batch.finish(null).read).toEqual({ listed: 3, flattened: 0, rejected: 0, skipped: 0, pending: 3 })
  })

  test('is full at 10,000 rows when nothing else is said', () => {
    const batch = new RecordBatch(settings())
    for (let n = 0; n < 9_999; n += 1) batch.addRecord({ id: `rec-${n}` }, place(n))
    expect(batch.isFull).toBe(false)
    batch.addRecord({ id: 'last' }, place(9_999))
    expect(batch.isFull).toBe(true)
  })

  test('is not full with fewer than 5,000,000 characters', () => {
    const batch = new RecordBatch(rowsOf(row({ message_text: 'x'.repeat(4_990_000) })))
    batch.addRecord({}, place(0))
    expect(batch.isFull).toBe(false)
  })

  test('is full at 5,000,000 characters, in whatever column they are', () => {
    const long = 'x'.repeat(2_500_000)
    for (const stated of [
      { message_text: long },
      { first_name: long },
      { recording_url: long },
      { map_keys: { queue: long } },
    ]) {
      const batch = new RecordBatch(rowsOf(row(stated)))
      batch.addRecord({}, place(0))
      expect(batch.isFull).toBe(false)
      batch.addRecord({}, place(1))
      expect(batch.isFull).toBe(true)
    }
    const rejected = new RecordBatch(settings())
    rejected.addRecord({ reject: 'too-long', text: long }, place(0))
    rejected.addUnreadable(
      { reason: { code: 'x', path: null, detail: '' }, payloadKind: 'text', payload: long },
      place(1),
    )
    expect(rejected.isFull).toBe(true)
    const kept = new RecordBatch(settings({ recordsKept: 'payloads' }))
    kept.addRecord({ id: 'a', note: long }, place(0))
    kept.addRecord({ id: 'b', note: long }, place(1))
    expect(kept.isFull).toBe(true)
  })
})

describe('one bad record costs one record', () => {
  test('when flatten throws on it', () => {
    const batch = new RecordBatch(settings())
    const flattened = batch.addRecord({ throws: 'x of undefined' }, place(0))
    batch.addRecord({ id: 'next' }, place(1))
    expect(flattened).toEqual({
      kind: 'reject',
      recordId: null,
      reason: {
        code: 'flatten-failed',
        path: null,
        detail: 'flatten failed on it, which is a defect of reelhouse: x of undefined',
      },
    } satisfies Flattened)
    const { rejects, rows } = batch.finish(null)
    expect(rejects).toHaveLength(1)
    expect(rejects[0]).toMatchObject({
      rejectKey: 'f1:0',
      version: 5,
      payloadKind: 'record',
      payload: '{"throws":"x of undefined"}',
    })
    expect(rows).toHaveLength(1)
  })

  test('when the portfolio map throws on its row', () => {
    const batch = new RecordBatch(
      settings({
        place: () => {
          throw new Error('no map')
        },
      }),
    )
    batch.addRecord({ id: 'a' }, place(0))
    expect(batch.finish(null)).toMatchObject({ rows: [], read: { listed: 1, flattened: 0, rejected: 1 } })
  })

  test('when its id is longer than an index can hold', () => {
    const long = 'é'.repeat(1001)
    const fitting = 'é'.repeat(1000)
    const batch = new RecordBatch(settings())
    batch.addRecord({ id: long }, place(0))
    batch.addRecord({ id: long, reject: 'missing-time' }, place(1))
    batch.addRecord({ id: fitting }, place(2))
    const { rows, rejects } = batch.finish(null)
    expect(rows.map(({ message_id }) => message_id)).toEqual([fitting])
    expect(rejects.map(({ rejectKey, reason }) => [rejectKey, reason.code])).toEqual([
      ['f1:0', 'id-too-long'],
      ['f1:1', 'id-too-long'],
    ])
  })
})

test('a reject has the version that the record states, or that of the file', () => {
  const rejected = (version?: number | null): Flattened => ({
    kind: 'reject',
    recordId: 'a',
    reason: { code: 'x', path: null, detail: '' },
    ...(version === undefined ? {} : { version }),
  })
  for (const [stated, expected] of [
    [undefined, 5],
    [null, null],
    [7, 7],
  ] as const) {
    const batch = new RecordBatch(settings({ flatten: () => rejected(stated) }))
    batch.addRecord({}, place(0))
    expect(batch.finish(null).rejects[0]?.version).toBe(expected)
  }
})

describe('no signed link is kept', () => {
  const link = 'https://cdn.example.test/rec-1.mp3?name=a&X-Amz-Signature=SECRET'

  test('in the payload and the detail of a reject', () => {
    const detail = `"${link}" is no instant`
    const reason = { code: 'invalid-time', path: 'start', detail }
    const batch = new RecordBatch(settings({ flatten: () => ({ kind: 'reject', recordId: 'a', reason }) }))
    batch.addRecord({ id: 'a', url: link }, place(0))
    batch.addUnreadable({ reason, payloadKind: 'text', payload: `a,${link},b` }, place(1))
    const { rejects } = batch.finish(null)
    expect(rejects.map(({ payload }) => payload)).toEqual([
      '{"id":"a","url":"https://cdn.example.test/rec-1.mp3?[redacted]"}',
      'a,https://cdn.example.test/rec-1.mp3?[redacted],b',
    ])
    expect(JSON.stringify(rejects)).not.toContain('SECRET')
  })

  test('in base64, whatever bytes stand around or in it', () => {
    for (const bytes of [
      Buffer.from(`\xff\xfe,${link},\x80`, 'latin1'),
      Buffer.from(`\xff https://cdn.example.test/r?name=\xc3\xa0\xa0\x85&token=SECRET \xff`, 'latin1'),
    ]) {
      const batch = new RecordBatch(settings())
      const reason = { code: 'not-utf8', path: null, detail: '' }
      batch.addUnreadable({ reason, payloadKind: 'base64', payload: bytes.toString('base64') }, place(0))
      const kept = Buffer.from(batch.finish(null).rejects[0]?.payload ?? '', 'base64')
      expect(kept.includes('SECRET')).toBe(false)
      expect(kept.includes('https://cdn.example.test/r')).toBe(true)
      expect(kept[0]).toBe(0xff)
    }
  })

  test('and bytes without one are kept as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const payload = Buffer.from(bytes.filter((byte) => byte !== 0x3d && byte !== 0x40)).toString('base64')
        const batch = new RecordBatch(settings())
        batch.addUnreadable({ reason: { code: 'x', path: null, detail: '' }, payloadKind: 'base64', payload }, place(0))
        return batch.finish(null).rejects[0]?.payload === payload
      }),
    )
  })

  test('in the payload of a record, which stays JSON', () => {
    const text = fc
      .array(
        fc.constantFrom('?', '#', 'token=', 'sig%3d', '"', '\\', "'", ' ', 'x', '@', '://', '\\u003d', '\n', ',', '/'),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.dictionary(text, text), (fields) => {
        const batch = new RecordBatch(
          settings({ recordsKept: 'payloads', flatten: () => ({ kind: 'rows', rows: [row()], notes: [] }) }),
        )
        batch.addRecord({ ...fields }, place(0))
        JSON.parse(batch.finish(null).records[0]?.payload ?? '')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('of a record that became rows', () => {
  const kept = (recordsKept: BatchSettings['recordsKept']) => {
    const batch = new RecordBatch(settings({ recordsKept }))
    batch.addRecord({ id: 'b', first_name: 'Jo' }, place(0))
    batch.addRecord({ reject: 'missing-id' }, place(1))
    return batch.finish(null).records
  }

  test('nothing is kept by default', () => {
    expect(kept('none')).toEqual([])
  })

  test('its key and version are kept', () => {
    expect(kept('keys')).toEqual([
      {
        recordId: 'b',
        parentId: null,
        windowAt: null,
        version: 5,
        joinedVersion: null,
        fingerprint: null,
        ordinal: 100,
        outcome: 'row',
        reason: null,
        payload: null,
        payloadHash: null,
      },
    ])
  })

  test('its canonical payload is kept, with its hash', () => {
    expect(kept('payloads')).toMatchObject([
      {
        payload: '{"first_name":"Jo","id":"b"}',
        payloadHash: '4d37dfee561bfb45533a0e1b41f32ec60e4e434b1e465751594e6e3b60b94512',
      },
    ])
  })
})
