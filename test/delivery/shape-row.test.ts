import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compileShape } from '../../src/delivery/shape-row.ts'
import type { DueRow, ShapeSettings } from '../../src/domain/export.ts'
import { Secret } from '../../src/domain/secret.ts'

const due = (stated: Partial<DueRow> = {}): DueRow => ({
  place: 1,
  connectionId: 'front-desk',
  conversation_id: 'conv-1',
  message_id: 'rec-1',
  created_at: '2026-07-14T15:02:11',
  portfolio_id: 'P1',
  message_text: 'Hello',
  first_name: 'Jo',
  last_name: 'Doe',
  sender_ext_ref: 't0012345',
  phone_number: '+15125550123',
  email_address: 'jo@example.test',
  message_direction: 'inbound',
  number_dialed_by_user: '+15125550199',
  call_duration_in_sec: '73',
  recording_url: 'https://api.example.test/v2/recordings/rec-1',
  ...stated,
})

const plain: ShapeSettings = {
  direction: 'lower',
  require: [],
  defaultPortfolioId: null,
  prefixMessageId: false,
  formulaCells: 'keep',
  columns: {},
  hashSecret: null,
}

const shaped = (row: Partial<DueRow>, settings: Partial<ShapeSettings> = {}) =>
  compileShape({ ...plain, ...settings })(due(row))

const cellOf = (column: number, row: Partial<DueRow>, settings: Partial<ShapeSettings> = {}) => {
  const result = shaped(row, settings)
  return result.kind === 'cells' ? result.cells[column] : result.why
}

const text = 4
const firstName = 5
const phone = 8

test('a row is its 14 fields in the documented order', () => {
  expect(shaped({})).toEqual({
    kind: 'cells',
    cells: [
      'conv-1',
      'rec-1',
      '2026-07-14T15:02:11',
      'P1',
      'Hello',
      'Jo',
      'Doe',
      't0012345',
      '+15125550123',
      'jo@example.test',
      'inbound',
      '+15125550199',
      '73',
      'https://api.example.test/v2/recordings/rec-1',
    ],
  })
})

describe('a text', () => {
  test.each([
    ['AI: Hello.\r\nUser: Is "4B" open?\tYes \u{1F600}', 'AI: Hello. User: Is "4B" open? Yes \u{1F600}'],
    ['\0a\0b\u001b[0m\u0085c\u2028d\u2029', 'a b [0m c d'],
    ['  blanks around\u00a0', 'blanks around'],
    ['half \ud800 a character', 'half \ufffd a character'],
    ['none of the units', 'none of the units'],
  ])('is one line: %j', (written, cell) => {
    expect(cellOf(text, { message_text: written })).toBe(cell)
  })

  test.each(['NULL', 'null', 'N/A', 'n/a', 'na', '-', 'none', 'NoNe', ' none\n', '', ' ', '\u00a0', '\0', '\n\n'])(
    'that is %j is no text',
    (written) => {
      expect(cellOf(text, { message_text: written })).toBeNull()
    },
  )

  test.each(['Null', 'Na', 'Noel', '--'])('that is %j is one', (written) => {
    expect(cellOf(firstName, { first_name: written })).toBe(written)
  })
})

describe('what keeps a row back', () => {
  test('is a field that is required and is not there, or is a word for nothing', () => {
    const required = { require: ['portfolio_id', 'recording_url'] } as const
    expect(shaped({ portfolio_id: null }, required)).toEqual({ kind: 'withheld', why: 'lacks portfolio_id' })
    expect(shaped({ recording_url: 'N/A' }, required)).toEqual({ kind: 'withheld', why: 'lacks recording_url' })
    expect(shaped({ portfolio_id: null }, { ...required, defaultPortfolioId: 'P9' })).toMatchObject({ kind: 'cells' })
  })

  test('is not the policy of its column', () => {
    expect(shaped({}, { require: ['phone_number'], columns: { phone_number: 'drop' } })).toMatchObject({
      kind: 'cells',
    })
  })

  test('is an id of which nothing is left', () => {
    expect(shaped({ conversation_id: '\t' })).toEqual({ kind: 'withheld', why: 'unusable conversation_id' })
    expect(shaped({ message_id: '-' }, { prefixMessageId: true })).toEqual({
      kind: 'withheld',
      why: 'unusable message_id',
    })
  })
})

test('the direction is spelled as set, and null stays null', () => {
  expect(cellOf(10, { message_direction: 'outbound' }, { direction: 'title' })).toBe('Outbound')
  expect(cellOf(10, { message_direction: null }, { direction: 'title' })).toBeNull()
})

test('ids can carry their connection', () => {
  expect(cellOf(1, {}, { prefixMessageId: true })).toBe('front-desk:rec-1')
})

describe('a formula', () => {
  const strip = { formulaCells: 'strip' } as const

  test('is written as it is by default: spreadsheet escapes are against the rules', () => {
    expect(cellOf(text, { message_text: '=cmd|"/C calc"!A0' })).toBe('=cmd|"/C calc"!A0')
  })

  test.each([
    ['=cmd|"/C calc"!A0', 'cmd|"/C calc"!A0'],
    ['@SUM(A1:A9)', 'SUM(A1:A9)'],
    ['-2+3', '2+3'],
    ['+ =1+1', '1+1'],
    ['=-@', null],
    ['=none', null],
    ['- Hello', 'Hello'],
  ])('loses its first signs with strip: %j', (written, cell) => {
    expect(cellOf(text, { message_text: written }, strip)).toBe(cell)
  })

  test('is no number in E.164, and no id', () => {
    expect(cellOf(phone, {}, strip)).toBe('+15125550123')
    expect(cellOf(phone, { phone_number: '+1+cmd|1' }, strip)).toBe('1+cmd|1')
    expect(cellOf(1, { message_id: '-abc' }, strip)).toBe('-abc')
  })
})

describe('a policy', () => {
  const hashSecret = new Secret('not-a-real-secret')

  test('of hash writes a keyed digest, the same for the same text in any column', () => {
    const settings = { columns: { phone_number: 'hash', number_dialed_by_user: 'hash' }, hashSecret } as const
    const digest = createHmac('sha256', 'not-a-real-secret').update('+15125550123').digest('hex')
    expect(cellOf(phone, {}, settings)).toBe(digest)
    expect(cellOf(11, { number_dialed_by_user: '+15125550123' }, settings)).toBe(digest)
    expect(cellOf(phone, { phone_number: null }, settings)).toBeNull()
    expect(cellOf(phone, {}, { ...settings, hashSecret: new Secret('not-a-real-other') })).not.toBe(digest)
  })

  test('of drop leaves the column empty', () => {
    expect(cellOf(text, {}, { columns: { message_text: 'drop' } })).toBeNull()
  })

  test('of hash without a secret is a defect: never a plain digest', () => {
    expect(() => compileShape({ ...plain, columns: { phone_number: 'hash' } })).toThrow(TypeError)
  })
})
