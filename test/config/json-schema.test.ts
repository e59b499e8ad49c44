import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { valueAt } from '../../src/config/problem.ts'
import { secret } from '../../src/domain/secret.ts'
import { phoneSettings, settingsBySource } from './config-folder.ts'

const schema = configJsonSchema(settingsBySource)
const at = (...path: readonly (string | number)[]) => valueAt(schema, path)
const connection = ['properties', 'connections', 'items', 'anyOf'] as const
const reference = { type: 'string', pattern: '\\$\\{' }

describe('the JSON Schema of a configuration file', () => {
  it('knows the sections and refuses others', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(at('properties')))).toEqual([
      'warehouse',
      'connections',
      'portfolios',
      'travtus',
      'retention',
      'privacy',
      'reading',
      'export',
    ])
  })

  it('has one closed alternative for each source, told apart by its name', () => {
    expect(at(...connection)).toMatchObject([
      {
        title: 'files connection',
        additionalProperties: false,
        required: ['id', 'source', 'paths'],
        properties: { source: { const: 'files' }, into: { type: 'string' }, paths: { type: 'array', minItems: 1 } },
      },
      {
        title: 'phone connection',
        additionalProperties: false,
        required: ['id', 'source', 'api_key'],
        properties: { source: { const: 'phone' } },
      },
    ])
  })

  it('wants a secret to be one reference', () => {
    expect(at(...connection, 1, 'properties', 'api_key')).toEqual({
      type: 'string',
      pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$',
      description: 'Key of the account',
    })
  })

  it('lets a reference stand for numbers, true/false, words and texts of a certain form', () => {
    expect(at(...connection, 1, 'properties', 'page_size')).toEqual({
      default: 250,
      anyOf: [{ type: 'integer', minimum: 1, maximum: 250 }, reference],
    })
    expect(at(...connection, 1, 'properties', 'strict')).toEqual({
      default: false,
      anyOf: [{ type: 'boolean' }, reference],
    })
    expect(at(...connection, 1, 'properties', 'region')).toEqual({
      default: 'us',
      anyOf: [{ type: 'string', enum: ['us', 'eu'] }, reference],
    })
    expect(at('properties', 'retention', 'properties', 'runs')).toEqual({
      description: 'How long runs and windows are kept; coverage always is',
      default: '90d',
      anyOf: [{ type: 'string', pattern: '^([1-9][0-9]{0,5})(s|m|h|d)$' }, reference],
    })
    expect(at(...connection, 0, 'properties', 'csv', 'properties', 'header')).toEqual({
      default: true,
      description: 'true: the first line names the columns; a list: the file has no header, these are its columns',
      anyOf: [
        { type: 'boolean', const: true },
        { minItems: 1, type: 'array', items: { type: 'string', minLength: 1 } },
        reference,
      ],
    })
  })

  it('keeps the descriptions of nested keys, and refuses unknown ones there too', () => {
    expect(at(...connection, 0, 'properties', 'columns')).toMatchObject({
      description: 'How columns become the fields of a row',
      additionalProperties: false,
      required: ['message_id', 'created_at'],
      properties: { phone_number: { description: 'The calling party' } },
    })
  })

  it('has an alternative for each form of settings that are a union', () => {
    const settings = z.discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('key'), api_key: secret() }),
      z.strictObject({ mode: z.literal('open') }),
    ])
    const both = configJsonSchema({ phone: phoneSettings, api: settings })
    expect(valueAt(both, [...connection])).toMatchObject([
      { title: 'phone connection' },
      { title: 'api connection', required: ['id', 'source', 'mode', 'api_key'], additionalProperties: false },
      { title: 'api connection', required: ['id', 'source', 'mode'], additionalProperties: false },
    ])
  })

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })
})
