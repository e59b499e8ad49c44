import { describe, expect, it, test } from 'vitest'
import { cleanText, compileTextReader } from '../../src/transform/text.ts'

describe('a cell', () => {
  const read = compileTextReader()
  it.each([
    'NULL',
    'null',
    'N/A',
    'n/a',
    'NA',
    'na',
    '-',
    'none',
    'NONE',
    'None',
    'NaN',
    'nan',
    '\\N',
    '#N/A',
    ' NULL\t',
    '',
    ' ',
    '\t\r\n',
    '\u00a0\u3000\u2003\u202f\ufeff',
  ])('of %j says nothing', (cell) => {
    expect(read(cell)).toBeNull()
  })

  it.each(['Null', 'Na', 'Nan', 'nonE', '--', '0', 'false', 'N/a', 'None of them'])('of %j is text', (cell) => {
    expect(read(cell)).toBe(cell)
  })

  test('is trimmed of any Unicode space around it, and keeps the line breaks within', () => {
    expect(read('\u00a0 AI: Hello.\r\nUser:\tHi. \u3000')).toBe('AI: Hello.\r\nUser:\tHi.')
  })

  test('is compared with the placeholders of the operator instead, when there are some', () => {
    const own = compileTextReader(['unknown', ' ? '])
    expect([own('unknown'), own(' ?'), own('Unknown'), own('NULL'), own(' ')]).toEqual([
      null,
      null,
      'Unknown',
      'NULL',
      null,
    ])
    expect(compileTextReader([])('-')).toBe('-')
  })
})

describe('text that Postgres would refuse', () => {
  test('has U+0000 and lone surrogates replaced, and counted', () => {
    expect(cleanText('a\0b\ud800c\udc00')).toEqual({ text: 'a\ufffdb\ufffdc\ufffd', replaced: 3 })
    expect(cleanText('\ude00\ud83d')).toEqual({ text: '\ufffd\ufffd', replaced: 2 })
  })

  test('is left alone where there is none', () => {
    expect(cleanText('Grüße 😀 \u0001')).toEqual({ text: 'Grüße 😀 \u0001', replaced: 0 })
  })
})
