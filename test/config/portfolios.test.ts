// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './config-folder.ts'

const connection = 'connections: [{ id: main, source: files, paths: [a.csv], shape: travtus }]\n'

const rule = (value: string, portfolioId: string, ofConnection: string | null = null) => ({
  attribute: 'called_number',
  value,
  portfolioId,
  connection: ofConnection,
})

describe('portfolios', () => {
  it('are matched in the order written: rules of the settings, then those of the file', async () => {
    const { portfolios } = await load({
      'config/a.yaml': `${connection}portfolios:
  default: none
  default_country: US
  file: ../map.csv
  rules:
    - { attribute: called_number, value: "+15550100", portfolio_id: P1, connection: main }
    - { attribute: queue_id, value: q7, portfolio_id: P2 }
`,
      'map.csv':
        '\uFEFFconnection, value ,attribute,portfolio_id\r\nmain,+15550101,called_number,P3\r\n\r\n,"(555) 01-00, ext 2",called_number, P4 \r\n',
      'config/portfolios.csv': 'not read, as another file is named',
    })
    expect(portfolios).toEqual({
      default: 'none',
      defaultCountry: 'US',
      rules: [
        rule('+15550100', 'P1', 'main'),
        { attribute: 'queue_id', value: 'q7', portfolioId: 'P2', connection: null },
        rule('+15550101', 'P3', 'main'),
        rule('(555) 01-00, ext 2', 'P4'),
      ],
      places: ['config/a.yaml:7', 'config/a.yaml:8', 'map.csv:2', 'map.csv:4'],
    })
  })

  it('are read from portfolios.csv beside the configuration, when no file is named', async () => {
    const csv = 'attribute,value,portfolio_id\ncalled_number,+15550100,P1\n'
    for (const yaml of [connection, `${connection}portfolios: { default: P9 }\n`])
      expect(await load({ 'config/a.yaml': yaml, 'config/portfolios.csv': csv })).toMatchObject({
        portfolios: { rules: [rule('+15550100', 'P1')] },
      })
  })

  it('take text literally: a reference in the CSV file is none', async () => {
    const csv = 'attribute,value,portfolio_id\nqueue_id,${x},P1\n'
    expect(await load({ 'config/a.yaml': connection, 'config/portfolios.csv': csv })).toMatchObject({
      portfolios: { rules: [{ value: '${x}' }] },
    })
  })

  it('with bad lines are refused, each line named', async () => {
    const lines = [
      'attribute,value,portfolio_id,connection',
      'called_number,+15550100,P1,',
      'called_number,+15550100',
      'Number Dialed,+15550101,P1,',
      'number_dialed_by_user,+15550101,P1,',
      'queue_id,,,',
      'queue_id,q1,P1,mian',
      'called_number,+15550100,P2,',
      'called_number,+15550100,P1,',
      'called_number,+15550100,P2,main',
      'queue_id,"q2"x,P1,',
    ]
    expect(await problemsOf({ 'config/a.yaml': connection, 'config/portfolios.csv': lines.join('\n') })).toEqual([
      'config/portfolios.csv:3: 2 cells; allowed: 4, as in the header',
      'config/portfolios.csv:4: attribute: "Number Dialed" is not an attribute; allowed: called_number, calling_number, own_number, or a map key such as queue_id',
      'config/portfolios.csv:5: attribute: "number_dialed_by_user" is a column; allowed: called_number, calling_number, own_number, or a map key such as queue_id',
      'config/portfolios.csv:6: value: "" is empty; allowed: at least 1 character',
      'config/portfolios.csv:6: portfolio_id: "" is empty; allowed: at least 1 character',
      'config/portfolios.csv:7: connection: "mian" is not a configured connection; did you mean main? allowed: main',
      'config/portfolios.csv:8: called_number "+15550100" goes to portfolio "P2" here and to "P1" at config/portfolios.csv:2; allowed: one portfolio',
      'config/portfolios.csv:11: not CSV: a quote (") that is not closed or stands inside a cell; allowed: quotes around a whole cell, "" for a quote in it',
    ])
  })

  it('whose rules contradict the file, or have keys of their own, are refused', async () => {
    expect(
      await problemsOf({
        'config/a.yaml': `${connection}portfolios:
  rules:
    - { attribute: queue_id, value: q1, portfolio_id: P1 }
`,
        'config/portfolios.csv': 'attribute,value,portfolio_id\nqueue_id,q1,P2\n',
      }),
    ).toEqual([
      'config/portfolios.csv:2: queue_id "q1" goes to portfolio "P2" here and to "P1" at config/a.yaml:4; allowed: one portfolio',
    ])
    expect(
      await problemsOf({
        'config/a.yaml':
          'portfolios:\n  rules:\n    - { attribute: a, valeu: 7, portfolio_id: 12 }\n  default_country: usa\n',
      }),
    ).toEqual([
      'config/a.yaml:3: portfolios.rules[0].value: missing; allowed: text',
      'config/a.yaml:3: portfolios.rules[0].portfolio_id: 12 is a number; allowed: text (in quotes)',
      'config/a.yaml:3: portfolios.rules[0].valeu: unknown key; did you mean value? allowed: attribute, value, portfolio_id, connection',
      'config/a.yaml:4: portfolios.default_country: "usa" is not a country; allowed: an ISO 3166 code such as US',
    ])
  })

  it('whose file is missing, empty or has another header are refused', async () => {
    const named = { 'config/a.yaml': 'portfolios:\n  file: map.csv\n' }
    expect(await problemsOf(named)).toEqual([
      'config/a.yaml:2: portfolios.file: "config/map.csv" does not exist or is not readable; allowed: a CSV file, relative to this one',
    ])
    expect(await problemsOf({ ...named, 'config/map.csv': '' })).toEqual([
      'config/map.csv:1: empty; allowed: the header attribute,value,portfolio_id and lines',
    ])
    expect(await problemsOf({ ...named, 'config/map.csv': 'attribute;value;portfolio_id\na;b;c\n' })).toEqual([
      'config/map.csv:1: "attribute;value;portfolio_id" is not the header; allowed: attribute,value,portfolio_id and optionally connection',
    ])
  })
})
