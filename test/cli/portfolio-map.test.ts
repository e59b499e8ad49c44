import { describe, expect, test } from 'vitest'
import { type CliCase, callsConfig, createCliCase, csv } from '../support/cli-case.ts'

const files = {
  'dumps/calls.csv': csv(
    'a,2026-01-01 10:00:00,60,+15125550123,+15125550100,inbound,',
    'b,2026-01-02 10:00:00,61,+15125550123,+15125550101,inbound,',
    'c,2026-01-03 10:00:00,62,+15125550102,+15125550123,outbound,',
    'd,2026-01-04 10:00:00,63,+15125550123,+15125550101,inbound,',
  ),
}

const rules = (...lines: readonly string[]): string => ['attribute,value,portfolio_id', ...lines, ''].join('\n')
const place = async (more = '', dumps: Readonly<Record<string, string>> = files): Promise<CliCase> => {
  const made = await createCliCase({ config: callsConfig(more), files: dumps })
  await made.write('config/portfolios.csv', rules('own_number,+1 (512) 555-0100,maple'))
  return made
}

const portfolios = async ({ rows }: CliCase): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    (
      await rows<{ message_id: string; portfolio_id: string | null }>(
        'select message_id, portfolio_id from reelhouse.call_recordings order by 1',
      )
    ).map(({ message_id, portfolio_id }) => [message_id, portfolio_id]),
  )

describe('the portfolio map', () => {
  test('leaves rows that no rule fits unmapped, counts them, and lists their numbers', async () => {
    const made = await place()
    expect(await made.json(['sync'])).toMatchObject({
      code: 0,
      document: { connections: [{ tallies: { 'portfolio-unmapped': 3 } }] },
    })
    expect(await portfolios(made)).toEqual({ a: 'maple', b: null, c: null, d: null })
    expect(await made.json(['status'])).toMatchObject({ document: { streams: [{ rows: 4, unmapped_rows: 3 }] } })
    expect(await made.rows('select own_number, rows from reelhouse.unmapped_numbers order by own_number')).toEqual([
      { own_number: '+15125550101', rows: 2 },
      { own_number: '+15125550102', rows: 1 },
    ])
  })

  test('when it has changed, replay --map writes the rows that it places anew, and no others', async () => {
    const made = await place()
    await made.reelhouse(['sync'])
    await made.write(
      'config/portfolios.csv',
      rules('own_number,+15125550100,maple', 'own_number,+15125550101,oak', 'own_number,+15125550102,elm'),
    )
    const before = await made.rows("select xmin::text from reelhouse.call_recordings where message_id = 'a'")
    expect(await made.json(['replay', '--map'])).toEqual({
      code: 0,
      log: [],
      document: {
        connections: [
          {
            connection: 'calls',
            stream: 'recordings',
            state: 'succeeded',
            records: { listed: 4, flattened: 4, rejected: 0, skipped: 0, pending: 0 },
            rows: { rows: 4, inserted: 0, updated: 3, unchanged: 1, stale: 0, duplicate: 0 },
            tallies: {},
            errors: [],
          },
        ],
      },
    })
    expect(await portfolios(made)).toEqual({ a: 'maple', b: 'oak', c: 'elm', d: 'oak' })
    expect(await made.rows("select xmin::text from reelhouse.call_recordings where message_id = 'a'")).toEqual(before)
    expect(await made.json(['replay', '--map'])).toMatchObject({
      document: { connections: [{ rows: { rows: 4, updated: 0, unchanged: 4 } }] },
    })
    // A file that is known is not read again for the sake of the map.
    expect(await made.json(['sync'])).toMatchObject({ document: { connections: [{ files: { loaded: 0, known: 1 } }] } })
  })

  test('that no longer has a rule unmaps its rows', async () => {
    const made = await place()
    await made.reelhouse(['sync'])
    await made.write('config/portfolios.csv', rules('own_number,+15125550102,elm'))
    expect((await made.reelhouse(['replay', '--map'])).code).toBe(0)
    expect(await portfolios(made)).toEqual({ a: null, b: null, c: 'elm', d: null })
  })

  test('never overrides what the source states, not even when stored rows are mapped again', async () => {
    const config = `
connections:
  - { id: dump, source: files, paths: [../dumps/*], shape: travtus, version: none }
portfolios: { rules: [{ attribute: own_number, value: '+15125550100', portfolio_id: maple }] }
`
    const line = (id: string, portfolio: string) => `c,${id},2026-01-01T10:00:00Z,${portfolio},+15125550100,inbound`
    const made = await createCliCase({
      config,
      files: {
        'dumps/a.csv': `conversation_id,message_id,created_at,portfolio_id,number_dialed_by_user,message_direction\n${line('a', 'stated')}\n${line('b', '')}\n`,
      },
    })
    await made.reelhouse(['sync'])
    expect(await portfolios(made)).toEqual({ a: 'stated', b: 'maple' })
    await made.write('config/reelhouse.yaml', config.replace('portfolio_id: maple', 'portfolio_id: oak'))
    await made.reelhouse(['replay', '--map'])
    expect(await portfolios(made)).toEqual({ a: 'stated', b: 'oak' })
    await made.reelhouse(['sync', '--force'])
    expect(await portfolios(made)).toEqual({ a: 'stated', b: 'oak' })
  })
})

describe('a connection that adds into another', () => {
  const into = `
  - id: history
    source: files
    into: calls
    paths: [../history/*]
    version: none
    columns: { message_id: id, created_at: { column: began, zone: America/Chicago }, number_dialed_by_user: called, message_direction: direction }
`
  test('gives its rows the key of the other, and its rules; its files and runs stay its own', async () => {
    const made = await place(into, {
      ...files,
      'history/old.csv':
        'id,began,called,direction\na,2026-01-01 11:00:00,+15125550100,inbound\nz,2020-01-01 10:00:00,+15125550100,inbound\n',
    })
    await made.write(
      'config/portfolios.csv',
      'attribute,value,portfolio_id,connection\nown_number,+15125550100,maple,calls\nown_number,+15125550100,never,history\n',
    )
    expect((await made.reelhouse(['sync'])).code).toBe(0)
    expect(
      await made.rows(`
        select message_id, connection_id, portfolio_id, created_at
        from reelhouse.call_recordings join reelhouse.connections using (connection_key)
        where message_id in ('a', 'z') order by 1`),
    ).toEqual([
      { message_id: 'a', connection_id: 'calls', portfolio_id: 'maple', created_at: '2026-01-01 17:00:00+00' },
      { message_id: 'z', connection_id: 'calls', portfolio_id: 'maple', created_at: '2020-01-01 16:00:00+00' },
    ])
    expect(
      await made.rows(`
        select connection_id, file_name, (select count(*) from reelhouse.runs r where r.connection_key = c.connection_key) as runs
        from reelhouse.loaded_files join reelhouse.connections c using (connection_key) order by 1`),
    ).toEqual([
      { connection_id: 'calls', file_name: '../dumps/calls.csv', runs: 1 },
      { connection_id: 'history', file_name: '../history/old.csv', runs: 1 },
    ])
  })
})
