import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { createExportCase, exportSettings, filesIn } from '../support/export-case.ts'
import { row } from '../support/rows.ts'

const ids = (...names: readonly string[]) => names.map((name) => row({ message_id: name }))

const failingAt = (step: string) => (reached: string) => {
  if (reached === step) throw new Error(`failed at ${step}`)
}

describe('an export of changes', () => {
  test('sends what is new, then what changed, then a file without rows', async () => {
    const place = await createExportCase()
    await place.load(ids('a', 'b'))
    await place.export()
    await place.load([row({ message_id: 'b', message_text: 'Yes.', source_version: 2 }), row({ message_id: 'c' })])
    await place.export()
    const { files } = await place.export()
    expect(await place.files()).toEqual([['a', 'b'], ['b', 'c'], []])
    expect(files).toMatchObject([{ exportId: 3, rows: 0, resumed: false }])
    expect(await place.text(files[0]?.key ?? '')).toBe(
      'conversation_id,message_id,created_at,portfolio_id,message_text,first_name,last_name,sender_ext_ref,phone_number,' +
        'email_address,message_direction,number_dialed_by_user,call_duration_in_sec,recording_url\n',
    )
  })

  test('sends nothing for what changed outside of the 14 fields', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    await place.export()
    await place.load([
      row({ message_id: 'a', recording_status: 'archived', map_keys: { queue: 'north' }, source_version: 2 }),
    ])
    expect((await place.database.rows('select recording_status as s from reelhouse.call_recordings'))[0]).toEqual({
      s: 'archived',
    })
    await place.export()
    expect(await place.files()).toEqual([['a'], []])
  })

  test('sends a row that was changed and changed back before it was sent not again', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    await place.export()
    await place.load([row({ message_id: 'a', message_text: 'No.', source_version: 2 })])
    await place.load([row({ message_id: 'a', source_version: 3 })])
    await place.export()
    expect(await place.files()).toEqual([['a'], []])
  })

  test('finds a row whose transaction began before earlier exports and commits after them', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    const slow = await place.database.session()
    await slow.client.query('begin')
    await slow.client.query('select now()')
    await place.export()
    await slow.client.query(
      `insert into reelhouse.call_recordings
       select (jsonb_populate_record(t, jsonb_build_object('message_id', 'late', 'last_changed_at', now()))).*
       from reelhouse.call_recordings t`,
    )
    await place.load(ids('b'))
    await place.export()
    await slow.client.query('commit')
    await place.export()
    await place.export()
    expect(await place.files()).toEqual([['a'], ['b'], ['late'], []])
    const [order] = await place.database.rows<{ before: boolean }>(
      `select l.last_changed_at < b.last_changed_at as before from reelhouse.call_recordings l, reelhouse.call_recordings b
       where l.message_id = 'late' and b.message_id = 'b'`,
    )
    expect(order).toEqual({ before: true })
  })

  test('waits until a row has settled, and until its recording is there', async () => {
    const place = await createExportCase()
    await place.load([row({ message_id: 'a' }), row({ message_id: 'b', recording_status: 'processing' })])
    expect((await place.export({ settlingDelayMs: 60_000 })).withheld).toEqual({ settling: 2 })
    expect((await place.export()).withheld).toEqual({ processing: 1 })
    await place.load([row({ message_id: 'b', recording_status: 'available', source_version: 2 })])
    expect((await place.export()).withheld).toEqual({})
    expect(await place.files()).toEqual([[], ['a'], ['b']])
  })

  test('withholds a row without a portfolio, and sends it when it has one', async () => {
    const place = await createExportCase()
    const settings = { require: ['portfolio_id', 'recording_url'] } as const
    await place.load([
      row({ message_id: 'a', portfolio_id: 'P1' }),
      row({ message_id: 'b' }),
      row({ message_id: 'c', portfolio_id: 'P1', recording_url: null }),
    ])
    expect((await place.export(settings)).withheld).toEqual({ 'lacks portfolio_id': 1, 'lacks recording_url': 1 })
    await place.database.rows(
      "update reelhouse.call_recordings set portfolio_id = 'P2', last_changed_at = now() where message_id = 'b'",
    )
    expect((await place.export(settings)).withheld).toEqual({ 'lacks recording_url': 1 })
    expect(await place.files()).toEqual([['a'], ['b']])
  })

  test('sends a withheld row as soon as less is required, though it did not change', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    await place.export({ require: ['portfolio_id'] })
    await place.export({ require: ['portfolio_id'], defaultPortfolioId: 'P9' })
    expect((await filesIn(place.folder)).map(({ rows }) => rows.map((sent) => sent.portfolio_id))).toEqual([[], ['P9']])
  })

  test('sends no chats and nothing that is deleted, and tells what was sent before it was deleted', async () => {
    const place = await createExportCase()
    await place.load([...ids('a', 'b'), row({ message_id: 'c', media: 'chat' })])
    await place.export()
    await place.load(ids('d'))
    await place.database.rows(
      "update reelhouse.call_recordings set deleted_at = now(), last_changed_at = now() where message_id in ('a', 'd')",
    )
    const { deletedAfterSending } = await place.export()
    expect(deletedAfterSending).toEqual({
      count: 1,
      rows: [{ connection: 'calls', message_id: 'a', export_id: 1 }],
    })
    expect(await place.files()).toEqual([['a', 'b'], []])
  })

  test('tells rows of two connections apart', async () => {
    const place = await createExportCase()
    await place.load(ids('a'), 'north')
    await place.load([row({ message_id: 'a', message_text: 'other' })], 'south')
    await place.export({ prefixMessageId: true })
    await place.load([row({ message_id: 'a', message_text: 'new', source_version: 2 })], 'south')
    await place.export({ prefixMessageId: true })
    expect(await place.files()).toEqual([['north:a', 'south:a'], ['south:a']])
  })

  test('names every file of one run alike, but for its number', async () => {
    const place = await createExportCase()
    await place.load(ids('a', 'b', 'c'))
    const { files } = await place.export({ rowsPerFile: 2 })
    const names = files.map(({ key, exportId }) => key.replace(`_${exportId}.csv`, ''))
    expect(names).toEqual([
      expect.stringMatching(/^Maple_1\/calls\/call_recordings_20260714T150211Z_\d{8}T\d{6}Z$/),
      names[0],
    ])
  })

  test('splits by rows, the oldest first, and writes no empty file behind the last', async () => {
    const place = await createExportCase()
    const at = (name: string, day: number) => row({ message_id: name, created_at: Date.UTC(2026, 0, day) * 1000 })
    await place.load([at('d', 4), at('a', 1), at('c', 3), at('b', 2)])
    await place.export({ rowsPerFile: 2 })
    expect(await place.files()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test('of more rows than a page sends each of them once', async () => {
    const place = await createExportCase()
    await place.load(Array.from({ length: 1203 }, (_, n) => row({ message_id: `rec-${n}` })))
    await place.export({ rowsPerFile: 400 })
    const sent = (await place.files()).flat()
    expect(new Set(sent).size).toBe(1203)
    expect(sent).toHaveLength(1203)
  })
})

describe('the cells', () => {
  test('are those of the view travtus_call_recordings', async () => {
    const place = await createExportCase()
    await place.load([
      row({ message_id: 'a', created_at: Date.UTC(2026, 11, 31, 23, 59, 59, 999) * 1000 + 999 }),
      row({ message_id: 'b', first_name: null, call_duration_in_sec: null, message_direction: null }),
      row({ message_id: 'c', message_text: 'He said "4B, please".', call_duration_in_sec: 0 }),
    ])
    await place.export()
    const view = await place.database.rows('select * from reelhouse.travtus_call_recordings order by message_id')
    const [file] = await filesIn(place.folder)
    const cells = (file?.rows ?? []).toSorted((one, other) =>
      String(one.message_id).localeCompare(String(other.message_id)),
    )
    expect(cells).toEqual(
      view.map((seen) => Object.fromEntries(Object.entries(seen).map(([name, value]) => [name, value ?? '']))),
    )
    expect(cells[0]?.created_at).toBe('2026-12-31T23:59:59')
  })

  test.each(['json', 'json.gz'] as const)('of %s are texts and nulls', async (format) => {
    const place = await createExportCase()
    await place.export({ format })
    await place.load([row({ message_id: 'a', email_address: null })])
    await place.export({ format })
    const [none, one] = await filesIn(place.folder)
    expect(none?.rows).toEqual([])
    expect(one?.rows).toMatchObject([{ message_id: 'a', email_address: null, call_duration_in_sec: '73' }])
  })
})

const july = { from: Date.UTC(2026, 6, 1) * 1000, to: Date.UTC(2026, 7, 1) * 1000 }

describe('a delivery of a range', () => {
  const rows = [
    row({ message_id: 'june', created_at: july.from - 1 }),
    row({ message_id: 'first', created_at: july.from }),
    row({ message_id: 'last', created_at: july.to - 1 }),
    row({ message_id: 'august', created_at: july.to }),
  ]

  test('sends its rows whether they were sent or not, and moves nothing', async () => {
    const place = await createExportCase()
    await place.load(rows)
    await place.export({}, { kind: 'range', range: july })
    await place.export()
    await place.export({}, { kind: 'range', range: july })
    await place.export()
    expect(await place.files()).toEqual([['first', 'last'], ['june', 'august'], ['first', 'last'], []])
    expect((await filesIn(place.folder))[0]?.name).toMatch(/call_recordings_20260701T000000Z_20260801T000000Z_1\.csv$/)
  })

  test('that is full sends everything', async () => {
    const place = await createExportCase()
    await place.load(rows)
    await place.export()
    await place.export({}, { kind: 'full' })
    expect((await place.files()).map(({ length }) => length)).toEqual([4, 4])
  })

  test('that was stopped between two files goes on behind the last, and with `again` from its start', async () => {
    const place = await createExportCase()
    await place.load(rows)
    const stop = new AbortController()
    const settings = { rowsPerFile: 2 }
    const stopping = {
      signal: stop.signal,
      reached: (step: string) => void (step === 'export-recorded' && stop.abort()),
    }
    await place.export(settings, { kind: 'full' }, stopping)
    await place.export(settings, { kind: 'full' })
    await place.export(settings, { kind: 'full' }, { again: true })
    expect(await place.files()).toEqual([
      ['june', 'first'],
      ['last', 'august'],
      ['june', 'first'],
      ['last', 'august'],
    ])
  })
})

describe('an export that failed', () => {
  test('after its file was seen sends what the file had, even if that is again what was sent before', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    await place.export()
    await place.load([row({ message_id: 'a', message_text: 'changed', source_version: 2 })])
    await expect(place.export({}, { kind: 'changes' }, { reached: failingAt('export-published') })).rejects.toThrow()
    expect((await filesIn(place.folder))[1]?.rows).toMatchObject([{ message_text: 'changed' }])
    await place.load([row({ message_id: 'a', source_version: 3 })])
    const { files } = await place.export()
    expect(files).toMatchObject([{ exportId: 2, rows: 1, resumed: true }])
    expect((await filesIn(place.folder))[1]?.rows).toMatchObject([{ message_text: 'Is unit 4B still open?' }])
    expect((await place.export()).files).toMatchObject([{ rows: 0 }])
  })

  test('and whose settings name its file otherwise now gives its rows to another file', async () => {
    const place = await createExportCase()
    await place.load(ids('a'))
    await expect(place.export({}, { kind: 'changes' }, { reached: failingAt('export-claimed') })).rejects.toThrow()
    const { files } = await place.export({ format: 'json' })
    expect(files).toMatchObject([{ exportId: 2, rows: 1, resumed: false }])
    expect(await place.files()).toEqual([['a']])
    expect(await place.database.rows('select state from reelhouse.exports order by export_id')).toEqual([
      { state: 'abandoned' },
      { state: 'delivered' },
    ])
  })

  test('is finished first by an export of something else', async () => {
    const place = await createExportCase()
    await place.load(ids('a', 'b'))
    await place.export()
    await expect(place.export({}, { kind: 'full' }, { reached: failingAt('export-written') })).rejects.toThrow()
    await place.load(ids('c'))
    await place.export()
    expect(await place.files()).toEqual([['a', 'b'], ['a', 'b', 'c'], []])
  })

  test('leaves no draft once it is finished, and what it could not name is told to the operator', async () => {
    const place = await createExportCase()
    await writeFile(join(place.folder, 'Maple_1'), 'a file where a folder should be')
    await expect(place.export()).rejects.toThrow(ConfigError)
    await place.export({ keyPrefix: 'Oak_2/calls' })
    expect(await readdir(join(place.folder, '.drafts'))).toEqual([])
  })
})

test('an export that another process has taken over writes nothing to the ledger any more', async () => {
  const place = await createExportCase()
  await place.load(ids('a'))
  const robbed = place.export(
    {},
    { kind: 'changes' },
    {
      reached: async (step) => {
        if (step === 'export-written') await place.database.rows('update reelhouse.exports set attempt = attempt + 1')
      },
    },
  )
  await expect(robbed).rejects.toThrow('export 1 was taken over by another process')
  expect(await place.database.rows('select from reelhouse.exported_rows')).toEqual([])
})

test('a row of which nothing can be sent, as its id is a word for nothing, is withheld and counted', async () => {
  const place = await createExportCase()
  await place.load([row({ message_id: 'none' }), row({ message_id: 'a' })])
  expect((await place.export(exportSettings)).withheld).toEqual({ 'unusable message_id': 1 })
  expect(await place.files()).toEqual([['a']])
})
