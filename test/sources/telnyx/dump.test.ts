import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Flattened } from '../../../src/domain/flattened.ts'
import { compileFlatten } from '../../../src/sources/files/flatten.ts'
import { mappingHash } from '../../../src/sources/files/mapping-hash.ts'
import { type FilesSettings, filesSettings } from '../../../src/sources/files/settings.ts'
import { openFiles } from '../../../src/sources/files/source.ts'
import { withoutLinks } from '../../../src/sources/telnyx/links.ts'
import { allRecordings, inboundCall, inCamelCase } from './fixtures.ts'

const ours = '+15125550199'

const settingsOf = (settings: object): FilesSettings =>
  filesSettings.parse({ paths: ['dump.*'], shape: 'telnyx', own_numbers: [ours], ...settings })

const fileVersion = 1_800_000_000_000_000

const flatten = (record: unknown, settings: object = {}): Flattened =>
  compileFlatten(settingsOf(settings))(record, { version: fileVersion, ordinal: 3, final: true })

const rowOf = (flattened: Flattened) => (flattened.kind === 'rows' ? flattened.rows[0] : undefined)

/** What the records of one dump file become. */
const read = async (name: string, text: string, settings: object = {}): Promise<readonly Flattened[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-telnyx-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), text)
  const stream = openFiles(settingsOf({ paths: [name], ...settings }), folder)
  const context = { signal: new AbortController().signal }
  const [file] = await stream.list(context)
  if (file === undefined) throw new Error('nothing was listed')
  const flattened: Flattened[] = []
  for await (const { records } of stream.read(await stream.scan(file, context), 0, context)) {
    for (const item of records) {
      if (item.kind === 'record') {
        flattened.push(stream.flatten(item.record, { version: fileVersion, ordinal: flattened.length, final: true }))
      }
    }
  }
  return flattened
}

const csv = (rows: readonly (readonly string[])[]): string => rows.map((cells) => `${cells.join(',')}\n`).join('')

describe('a dump of Telnyx recordings', () => {
  test('in JSON, as the API answers them or as typed clients write them, is one row each', async () => {
    const expected = ['11111111-1111-4111-8111-000000000001', 'inbound', ours, 73, 1_784_041_406_118_000]
    for (const write of [(recording: object) => recording, inCamelCase]) {
      const lines = allRecordings.map((recording) => JSON.stringify(write(recording))).join('\n')
      const [first, ...others] = await read('dump.jsonl', lines)
      const row = rowOf(first ?? { kind: 'skip', code: 'none' })
      expect([
        row?.message_id,
        row?.message_direction,
        row?.number_dialed_by_user,
        row?.call_duration_in_sec,
        row?.source_version,
      ]).toEqual(expected)
      expect(others.map(({ kind }) => kind)).toEqual(['rows', 'rows'])
    }
  })

  test('is read out of the envelope of an answer', async () => {
    expect(await read('dump.json', JSON.stringify({ data: allRecordings, meta: {} }))).toHaveLength(3)
  })

  test('in CSV is one row each, and what it has no column for stays as it is stored', async () => {
    const text = csv([
      ['id', 'call_session_id', 'created_at', 'from', 'to', 'duration_millis', 'connection_id'],
      ['rec-1', 'session-1', '2026-07-14T15:02:11Z', '+15125550123', ours, '61000', '1752000000000000621'],
      ['rec-2', 'NULL', '2026-07-14T15:02:11', '', ours, '', ''],
    ])
    const [first, second] = await read('dump.csv', text)
    expect(first).toEqual({
      kind: 'rows',
      notes: [],
      rows: [
        {
          conversation_id: 'session-1',
          message_id: 'rec-1',
          created_at: 1_784_041_331_000_000,
          portfolio_id: undefined,
          message_text: undefined,
          first_name: undefined,
          last_name: undefined,
          sender_ext_ref: undefined,
          phone_number: '+15125550123',
          email_address: undefined,
          message_direction: 'inbound',
          number_dialed_by_user: ours,
          call_duration_in_sec: 61,
          recording_url: 'https://api.telnyx.com/v2/recordings/rec-1',
          media: 'audio',
          record_id: 'rec-1',
          recording_status: 'available',
          recording_expires_at: undefined,
          deleted_at: undefined,
          source_version: fileVersion,
          source_ordinal: 0,
          map_keys: { telnyx_connection_id: '1752000000000000621' },
        },
      ],
    })
    expect(second).toMatchObject({ kind: 'reject', recordId: 'rec-2', reason: { code: 'missing-zone' } })
    const [, inZone] = await read('dump.csv', text, { zone: 'America/Chicago' })
    expect(rowOf(inZone ?? { kind: 'skip', code: 'none' })).toMatchObject({
      conversation_id: 'rec-2',
      created_at: 1_784_059_331_000_000,
      phone_number: null,
      call_duration_in_sec: null,
    })
  })

  test('without an id column is none', async () => {
    await expect(read('dump.csv', csv([['name'], ['x']]))).rejects.toThrow(/id/)
  })

  test('is the row that the API gives, when it is loaded into the same connection', () => {
    const { message_text: _, ...fromDump } = rowOf(flatten(inboundCall)) ?? {}
    const { message_text: __, ...fromApi } = rowOf(flatten({ recording: withoutLinks(inboundCall) })) ?? {}
    expect(fromDump).toEqual(fromApi)
  })

  test('waits for nothing', () => {
    const unfinished = { ...inboundCall, status: 'processing', download_urls: null }
    expect(flatten(unfinished)).toMatchObject({ kind: 'rows', rows: [{ recording_status: 'processing' }] })
    expect(flatten(unfinished)).not.toHaveProperty('followUp')
  })

  test('may have further columns for the portfolio map', () => {
    const settings = { map_keys: { site: 'tag' } }
    expect(rowOf(flatten({ ...inboundCall, tag: 'Maple Court' }, settings))?.map_keys).toEqual({
      telnyx_connection_id: '1752000000000000621',
      site: 'Maple Court',
    })
    expect(flatten({ ...inboundCall, tag: ['a'] }, settings)).toMatchObject({
      kind: 'reject',
      recordId: '11111111-1111-4111-8111-000000000001',
      version: 1_784_041_406_118_000,
      reason: { code: 'invalid-cell', path: 'tag' },
    })
  })

  test('says nothing of directions when nobody lists the numbers', () => {
    expect(rowOf(flatten(inboundCall, { own_numbers: undefined }))?.message_direction).toBeUndefined()
  })
})

describe('settings of a Telnyx dump', () => {
  test.each<[string, object, string, string]>([
    ['a number that is none', { own_numbers: ['front desk'] }, 'own_numbers.0', 'is not a phone number'],
    ['own numbers of another shape', { shape: 'travtus' }, 'own_numbers', 'without shape: telnyx'],
    ['another media', { media: 'chat' }, 'media', 'allowed: audio'],
    ['a column for the version', { version: { column: 'updated_at' } }, 'version', 'is not needed'],
    ['columns', { columns: { message_id: 'id', created_at: 'at' } }, 'columns', 'exactly one of shape and columns'],
  ])('refuse %s', (_, settings, path, message) => {
    const result = filesSettings.safeParse({ paths: ['a'], shape: 'telnyx', own_numbers: [ours], ...settings })
    const issues = result.error?.issues ?? []
    expect(issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
      [path, expect.stringContaining(message)],
    ])
  })

  test('decide what its records become', () => {
    const hash = mappingHash(settingsOf({}))
    expect(mappingHash(settingsOf({ own_numbers: ['+15125550100'] }))).not.toBe(hash)
    expect(mappingHash(settingsOf({ paths: ['elsewhere'] }))).toBe(hash)
  })
})

test('files of other shapes are known as before: nothing loads again because Telnyx is read', () => {
  const settings = filesSettings.parse({ paths: ['a'], columns: { message_id: 'id', created_at: 'at' } })
  expect(mappingHash(settings)).toBe('4a6b81d7544259bb055a91ea8ef32b112e95e477cc9f783ebfd07dd610304bcd')
})
