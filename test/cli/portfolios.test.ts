import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTravtusSimulator } from '../../src/simulator/travtus/simulator.ts'
import { type CliCase, callsConfig, createCliCase, csv } from '../support/cli-case.ts'

const dump = csv(
  'a,2026-01-01 10:00:00,60,+15125550123,+15125550100,inbound,',
  'b,2026-01-02 10:00:00,61,+15125550123,+15125550101,inbound,',
  'c,2026-01-03 10:00:00,62,+15125550102,+15125550123,outbound,',
  'd,2026-01-04 10:00:00,63,+15125550123,+15125550101,inbound,',
  'e,2026-01-05 10:00:00,64,+15125550123,+15125550103,,',
)

const map = `attribute,value,portfolio_id,connection
own_number,+1 (512) 555-0100,maple,
own_number,+15125550109,birch,
calling_number,+15125550123,oak,calls
called_number,+15125550101,elm,
own_number,+15125550100,ash,calls
`

const place = async (more = '', rules = map): Promise<CliCase> => {
  const made = await createCliCase({ config: callsConfig(more), files: { 'dumps/calls.csv': dump } })
  await made.write('config/portfolios.csv', rules)
  return made
}

describe('reelhouse portfolios', () => {
  test('counts the rows of each portfolio, finds rules that place nothing and says why, and values that no rule knows', async () => {
    const made = await place()
    await made.reelhouse(['sync'])
    expect(await made.json(['portfolios'])).toEqual({
      code: 0,
      log: [],
      document: {
        rows: 5,
        placed_by: { rule: 4, source: 0, default: 0 },
        unmapped_rows: 1,
        outdated_rows: 0,
        portfolios: [
          { portfolio_id: 'oak', rows: 3 },
          { portfolio_id: 'maple', rows: 1 },
          { portfolio_id: null, rows: 1 },
        ],
        rules: [
          ['own_number', '+1 (512) 555-0100', null, 'maple', 2, 1, 1, null, null],
          ['own_number', '+15125550109', null, 'birch', 3, 0, 0, 'fits no row', null],
          ['calling_number', '+15125550123', 'calls', 'oak', 4, 4, 3, null, null],
          ['called_number', '+15125550101', null, 'elm', 5, 2, 0, 'an earlier rule takes its rows', null],
          [
            'own_number',
            '+15125550100',
            'calls',
            'ash',
            6,
            1,
            0,
            'an earlier rule is for the same value',
            'config/portfolios.csv:2',
          ],
        ].map(([attribute, value, connection, portfolio_id, line, fits, places, idle, shadowed_by]) => ({
          attribute,
          value,
          connection,
          portfolio_id,
          written_at: `config/portfolios.csv:${line}`,
          rows_it_fits: fits,
          rows_it_places: places,
          idle,
          shadowed_by,
        })),
        unmatched: [{ connection: 'calls', attribute: 'own_number', value: '+15125550102', rows: 1 }],
      },
    })
    expect(
      (await made.reelhouse(['portfolios'])).stdout,
    ).toBe(`5 rows: 4 placed by a rule, 0 by their source, 0 by the default, 1 unmapped

portfolio   rows
oak            3
maple          1
(unmapped)     1

Of 5 rules 3 place nothing:
rule                                          written at               why
own_number "+15125550109"                     config/portfolios.csv:3  fits no row
called_number "+15125550101"                  config/portfolios.csv:5  an earlier rule takes its rows
own_number "+15125550100" (connection calls)  config/portfolios.csv:6  an earlier rule is for the same value: config/portfolios.csv:2

No rule knows:
connection  attribute   value           rows
calls       own_number  "+15125550102"     1
`)
  })

  test('shows no number of a customer: what no rule knows is ours, or called while the direction is unknown', async () => {
    const made = await place('', 'attribute,value,portfolio_id\nsite,none,none\n')
    await made.reelhouse(['sync'])
    const { stdout } = await made.reelhouse(['portfolios'])
    expect(stdout).toContain('called_number  "+15125550103"     1')
    expect(stdout).not.toContain('+15125550123')
  })

  test('counts rows that today’s map places elsewhere, until they are mapped again', async () => {
    const made = await place()
    await made.reelhouse(['sync'])
    await made.write('config/portfolios.csv', map.replace('maple', 'linden'))
    const { stdout } = await made.reelhouse(['portfolios'])
    expect(stdout).toContain("1 of them has another portfolio than today's map gives: reelhouse replay --map\n")
    await made.reelhouse(['replay', '--map'])
    expect(await made.json(['portfolios'])).toMatchObject({ document: { outdated_rows: 0 } })
  })

  test('takes keys of sources as it takes numbers, and the default into account', async () => {
    const more = `
      # a column of the dump as a key
    map_keys: { speaker: text }
portfolios: { default: other, rules: [{ attribute: speaker, value: Jo, portfolio_id: jo }] }
`
    const made = await createCliCase({
      config: callsConfig(more),
      files: {
        'dumps/calls.csv': csv(
          'a,2026-01-01 10:00:00,60,,,,Jo',
          'b,2026-01-01 10:00:00,60,,,,Max',
          'c,2026-01-01 10:00:00,60,,,,Max',
        ),
      },
    })
    await made.reelhouse(['sync'])
    expect(await made.json(['portfolios'])).toMatchObject({
      document: {
        placed_by: { rule: 1, source: 0, default: 2 },
        unmapped_rows: 0,
        unmatched: [{ connection: 'calls', attribute: 'speaker', value: 'Max', rows: 2 }],
      },
    })
  })

  test('refuses a map that contradicts itself, and says so of an empty warehouse what there is to say', async () => {
    const made = await place()
    expect((await made.reelhouse(['portfolios'])).stdout).toContain('0 rows: ')
    await made.write('config/portfolios.csv', `${map}own_number,(512) 555-0109,pine,\n`)
    await made.write('config/reelhouse.yaml', callsConfig('portfolios: { default_country: US }\n'))
    const { code, stderr } = await made.reelhouse(['portfolios'])
    expect(code).toBe(2)
    expect(stderr).toContain('portfolio rules for own_number \\"+15125550109\\" name both birch and pine; keep one')
  })
})

describe('reelhouse portfolios --explain', () => {
  test('shows every rule in its order against the row, and which one decides', async () => {
    const made = await place()
    await made.reelhouse(['sync'])
    expect(
      (await made.reelhouse(['portfolios', '--explain', 'calls', 'b'])).stdout,
    ).toBe(`calls b: portfolio oak, by a rule at config/portfolios.csv:4

attribute       in the row
own_number      "+15125550101"
called_number   "+15125550101"
calling_number  "+15125550123"

rule                                              written at               portfolio  outcome
own_number "+15125550100"                         config/portfolios.csv:2  maple      other value
own_number "+15125550109"                         config/portfolios.csv:3  birch      other value
calling_number "+15125550123" (connection calls)  config/portfolios.csv:4  oak        places the row
called_number "+15125550101"                      config/portfolios.csv:5  elm        would fit, too late
own_number "+15125550100" (connection calls)      config/portfolios.csv:6  ash        other value
`)
    expect(await made.json(['portfolios', '--explain', 'calls', 'e'])).toMatchObject({
      code: 0,
      document: {
        portfolio_id: 'oak',
        decided_by: 'rule',
        row: { own_number: null, called_number: '+15125550103' },
        rules: [{ outcome: 'not in the row' }, {}, {}, {}, {}],
      },
    })
  })

  test('says that the source states it, that the default has it, or nobody', async () => {
    const config = `
connections:
  - { id: dump, source: files, paths: [../dumps/*], shape: travtus, version: none }
`
    const header = 'conversation_id,message_id,created_at,portfolio_id,number_dialed_by_user,message_direction'
    const line = (id: string, portfolio: string) => `c,${id},2026-01-01T10:00:00Z,${portfolio},+15125550100,inbound`
    const made = await createCliCase({
      config,
      files: { 'dumps/a.csv': `${header}\n${line('a', 'stated')}\n${line('b', '')}\n` },
    })
    await made.reelhouse(['sync'])
    const explained = async (id: string) => (await made.json(['portfolios', '--explain', 'dump', id])).document
    expect(await explained('a')).toMatchObject({ portfolio_id: 'stated', decided_by: 'source' })
    expect(await explained('b')).toMatchObject({ portfolio_id: null, decided_by: 'nothing', rules: [] })
    await made.write('config/reelhouse.yaml', `${config}portfolios: { default: other }\n`)
    expect(await explained('b')).toMatchObject({
      portfolio_id: 'other',
      decided_by: 'default',
      stored_portfolio_id: null,
    })
    expect((await made.reelhouse(['portfolios', '--explain', 'dump', 'b'])).stdout).toContain(
      "Stored is none: reelhouse replay --map applies today's map.\n",
    )
  })

  test.each([
    [['--explain', 'calls', 'nowhere'], 'connection calls has no row with message_id nowhere'],
    [['--explain', 'nobody', 'a'], 'no connection is called nobody; configured: calls'],
    [['--explain', 'calls'], '--explain takes the id of a connection and a message_id: --explain front-desk rec-1'],
    [['--explain', 'calls', 'a', '--fetch'], '--explain and --fetch exclude each other; run the command once for each'],
    [['--out', 'x.csv'], '--out belongs to --resolve'],
    [
      ['--fetch'],
      'no credentials for Travtus are configured; write travtus.client_id and travtus.client_secret (config/examples)',
    ],
  ])('refuses %j', async (args, message) => {
    const made = await place()
    await made.reelhouse(['sync'])
    const { code, stdout, stderr } = await made.reelhouse(['portfolios', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('communities at Travtus', () => {
  const clientSecret = 'travtus-secret-not-a-real-one-5f1c'
  const env = { TRAVTUS_CLIENT_SECRET: clientSecret }

  const placeWithTravtus = async (rules: string) => {
    const simulator = await startTravtusSimulator({ clientId: 'client', clientSecret })
    onTestFinished(() => simulator.close())
    simulator.addCommunity({ community_id: 'uuid-maple', community_external_ref: 'MC-01', name: 'Maple Court' })
    simulator.addCommunity({ community_id: 'uuid-oak', community_external_ref: 'OH-02', name: 'Oak Hill' })
    simulator.addCommunity({ community_id: 'uuid-oak-2', community_external_ref: 'OH-02', name: 'Oak Hill II' })
    const travtus = `travtus: { client_id: client, client_secret: "\${TRAVTUS_CLIENT_SECRET}", base_url: "${simulator.url}" }\n`
    const made = await place(travtus, rules)
    return { simulator, made }
  }

  test('are asked for with --fetch alone; a reference in the place of an id is found out', async () => {
    const { simulator, made } = await placeWithTravtus(
      'attribute,value,portfolio_id\nown_number,+15125550100,uuid-maple\nown_number,+15125550101,MC-01\nown_number,+15125550102,nobody\n',
    )
    await made.reelhouse(['sync'], env)
    await made.reelhouse(['check'], env)
    expect((await made.reelhouse(['portfolios'], env)).code).toBe(0)
    expect(simulator.requests).toEqual([])
    const { code, stdout, stderr } = await made.reelhouse(['portfolios', '--fetch', '--json'], env)
    expect(code).toBe(2)
    expect(JSON.parse(stdout).communities).toEqual([
      {
        portfolio_id: 'uuid-maple',
        written_at: 'config/portfolios.csv:2',
        community: { name: 'Maple Court', community_external_ref: 'MC-01', status: 'active' },
        reference_of: [],
      },
      { portfolio_id: 'MC-01', written_at: 'config/portfolios.csv:3', community: null, reference_of: ['uuid-maple'] },
      { portfolio_id: 'nobody', written_at: 'config/portfolios.csv:4', community: null, reference_of: [] },
    ])
    expect(stderr).toContain(
      'config/portfolios.csv:3: Travtus knows no community with the id \\"MC-01\\"; it is the external reference of uuid-maple: write that',
    )
    expect(stderr).toContain(
      'config/portfolios.csv:4: Travtus knows no community with the id \\"nobody\\"; write the Travtus id of the community',
    )
  })

  test('are put for references by --resolve, in a file that is a portfolio map', async () => {
    const { made } = await placeWithTravtus('attribute,value,portfolio_id\n')
    await made.write(
      'references.csv',
      'connection,attribute,value,community_external_ref\ncalls,own_number,+15125550100,MC-01\n,site,"Court, North",MC-01\n',
    )
    const resolved =
      'attribute,value,portfolio_id,connection\nown_number,+15125550100,uuid-maple,calls\nsite,"Court, North",uuid-maple,\n'
    expect((await made.reelhouse(['portfolios', '--resolve', 'references.csv'], env)).stdout).toBe(resolved)
    const written = ['portfolios', '--resolve', 'references.csv', '--out', 'config/portfolios.csv']
    expect((await made.reelhouse(written, env)).stdout).toBe('2 rules written to config/portfolios.csv\n')
    expect(await readFile(join(made.folder, 'config/portfolios.csv'), 'utf8')).toBe(resolved)
    expect(await readdir(join(made.folder, 'config'))).toEqual(['portfolios.csv', 'reelhouse.yaml'])
    expect((await made.reelhouse(['check'], env)).stdout).toContain('2 rules')
  })

  test('that are not exactly one for a reference leave everything as it is, each line named', async () => {
    const rules = 'attribute,value,portfolio_id\n'
    const { made } = await placeWithTravtus(rules)
    await made.write(
      'references.csv',
      'attribute,value,community_external_ref\nsite,a,MC-01\nsite,b,OH-02\nsite,c,gone\n',
    )
    const args = ['portfolios', '--resolve', 'references.csv', '--out', 'config/portfolios.csv']
    const { code, stderr } = await made.reelhouse(args, env)
    expect(code).toBe(2)
    expect(stderr).toContain(
      'references.csv:3: community_external_ref \\"OH-02\\": Travtus knows 2 with it (uuid-oak, uuid-oak-2); write the rule with the portfolio_id of one',
    )
    expect(stderr).toContain(
      'references.csv:4: community_external_ref \\"gone\\": Travtus knows no community with it; correct it, or leave the line out',
    )
    expect(await readFile(join(made.folder, 'config/portfolios.csv'), 'utf8')).toBe(rules)
  })

  test.each([
    ['absent.csv', null, 'absent.csv: cannot be read (ENOENT)'],
    [
      'r.csv',
      'attribute,value,portfolio_id\nsite,a,b\n',
      'is not the header; allowed: attribute,value,community_external_ref',
    ],
    ['r.csv', 'attribute,value,community_external_ref,connection\nsite,a,b,nobody\n', 'r.csv:2: connection'],
  ])('are not asked for when the file of references is wrong: %s %j', async (file, content, message) => {
    const { simulator, made } = await placeWithTravtus('attribute,value,portfolio_id\n')
    if (content !== null) await made.write(file, content)
    const { code, stderr } = await made.reelhouse(['portfolios', '--resolve', file], env)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(simulator.requests).toEqual([])
  })

  test('cannot stand by reference in the map itself: the problem names the way', async () => {
    const made = await place('', 'attribute,value,community_external_ref\nsite,a,MC-01\n')
    const { code, stderr } = await made.reelhouse(['sync'])
    expect(code).toBe(2)
    expect(stderr).toContain('a file with community_external_ref instead becomes one by reelhouse portfolios --resolve')
  })

  test('with wrong credentials are exit 2, without the secret', async () => {
    const { made } = await placeWithTravtus('attribute,value,portfolio_id\nsite,a,uuid-maple\n')
    const { code, stderr } = await made.reelhouse(['portfolios', '--fetch'], {
      TRAVTUS_CLIENT_SECRET: 'another-not-a-real-secret',
    })
    expect(code).toBe(2)
    expect(stderr).toContain('travtus: Travtus refuses the login (401: invalid_client [redacted])')
  })
})
