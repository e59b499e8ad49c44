import { expect, test } from 'vitest'
import { compileDurationReader } from '../../src/transform/duration.ts'
import { compileInstantReader, formatInstant } from '../../src/transform/instant.ts'
import { compilePhoneReader } from '../../src/transform/phone.ts'
import {
  isPlainAddress,
  isPlainDuration,
  isPlainId,
  isPlainInstant,
  isPlainPhone,
  isTrimmed,
  isWord,
  type PlainCell,
} from '../../src/transform/plain-cell.ts'
import type { Reading } from '../../src/transform/reading.ts'
import { stableUrl } from '../../src/transform/signed-link.ts'
import { trimmed } from '../../src/transform/text.ts'

/** In the middle of others, which must not be looked at: they would go on with it. */
const isPlain = (form: PlainCell, text: string, around = '0'): boolean => {
  const cell = Buffer.from(text)
  const before = Buffer.from(around)
  return form(Buffer.concat([before, cell, before]), before.length, before.length + cell.length)
}

const units = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at))
const others = ['\x7f', '\u0085', '\u00a0', 'é', 'ſ', '\u212a', '٣', '２', '\ufeff']

/** The text with one character left out, put in, or exchanged, at any place. */
const nearly = (text: string): readonly string[] =>
  Array.from({ length: text.length + 1 }, (_, at) => at).flatMap((at) => [
    text.slice(0, at) + text.slice(at + 1),
    ...[...units, ...others].flatMap((unit) => [
      text.slice(0, at) + unit + text.slice(at),
      text.slice(0, at) + unit + text.slice(at + 1),
    ]),
  ])

const withoutZeros = (text: string): string => text.replace(/(\.\d*?)0+Z$/, '$1Z').replace('.Z', 'Z')

const readInstant = compileInstantReader({ zone: 'America/Chicago' })
const instant = (text: string): boolean => {
  const reading = readInstant(text)
  return reading.kind === 'value' && withoutZeros(formatInstant(reading.value)) === withoutZeros(text)
}

/** The reader leaves the text as it is, and notes nothing. */
const same =
  (reader: (text: string) => Reading<unknown>) =>
  (text: string): boolean => {
    const reading = reader(text)
    return reading.kind === 'value' && reading.note === null && String(reading.value) === text
  }

const forms = [
  {
    form: isPlainInstant,
    reads: instant,
    plain: [
      '2024-05-17T09:30:00Z',
      '2024-12-31T23:59:59.999999Z',
      '1900-01-01T00:00:00.5Z',
      '2199-09-30T20:10:00.12Z',
      '2023-02-28T19:29:39.000001Z',
    ],
    left: [
      '2023-02-29T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-00-10T00:00:00Z',
      '2024-13-10T00:00:00Z',
      '2024-05-00T00:00:00Z',
      '2024-05-17T24:00:00Z',
      '2024-05-17T23:60:00Z',
      '2024-05-17T23:59:60Z',
      '1899-12-31T23:59:59Z',
      '2200-01-01T00:00:01Z',
      '2024-05-17T09:30:00.Z',
      '2024-05-17T09:30:00.1234567Z',
      '2024-05-17T09:30:00',
      '2024-05-17 09:30:00Z',
      '2024-05-17T09:30:00z',
    ],
  },
  {
    form: isPlainPhone,
    reads: same(compilePhoneReader('US')),
    plain: ['+15125550100', '+1234567', '+999999999999999'],
    left: ['+123456', '+1234567890123456', '+0123456789', '15125550100', '+', '+1 5125550100', '+1512555010a'],
  },
  {
    form: isPlainDuration,
    reads: same(compileDurationReader('s')),
    plain: ['0', '7', '73', '999999999'],
    left: ['00', '07', '-1', '1.5', '1e3', '2147483648', ' 7', '9999999999'],
  },
  {
    form: isPlainAddress,
    reads: same(stableUrl),
    plain: ['https://h/', 'http://a.b-c.d/', 'https://recordings.example.test/a/rec-1.mp3', "http://0/_~!$'()*+,:@/.-"],
    left: [
      'https://h',
      'https:///x',
      'https://-h/x',
      'https://h-/x',
      'https://.h/x',
      'https://h./x',
      'https://h:80/x',
      'https://u@h/x',
      'https://h/x?y',
      'https://h/x#y',
      'https://h/x%41',
      'https://h/x y',
      'https://h/é',
      'https://h_/x',
      'HTTPS://h/x',
      'httpss://h/x',
      'https:/h/x',
      's3://bucket/key',
    ],
  },
  {
    form: isPlainId,
    reads: (text: string) => trimmed(text) === text,
    plain: ['a', 'rec-1', '+a~', 'a b', 'x'.repeat(500)],
    left: ['réc-1', ' a', 'a ', 'a\x7fb', '\x7f', 'x'.repeat(501), 'a\u00a0'],
  },
  {
    form: isTrimmed,
    reads: (text: string) => trimmed(text) === text,
    plain: ['a', '!', '~', 'né', 'a\u00a0b', 'a b'].map((text) => `${text}.`),
    left: [' a', 'a ', '\u00a0a', 'a\u00a0', '\u0085a', 'a\ufeff', '\ufeffa'],
  },
] as const

test.each(forms)('$form.name: what it takes, and what it leaves', ({ form, plain, left }) => {
  expect(plain.filter((text) => !isPlain(form, text))).toEqual([])
  expect(left.filter((text) => isPlain(form, text))).toEqual([])
})

test.each(forms)('$form.name: what it takes, its reader leaves as it is, whatever stands beside it', (one) => {
  const { form, reads } = one
  const texts = [...one.plain, ...one.left].filter(({ length }) => length < 100)
  const tried = texts.flatMap(nearly).filter((text) => text !== '')
  for (const around of ['0', 'Z', '/', 'h/']) {
    const taken = tried.filter((text) => isPlain(form, text, around))
    expect(taken.length).toBeGreaterThan(100)
    expect(taken.filter((text) => !reads(text))).toEqual([])
  }
})

test('a word is found in any case, and no other text is', () => {
  const tried = ['inbound', 'INBOUND', 'InBound', ...nearly('inbound'), ...nearly('INBOUND')].filter(
    (text) => text !== '',
  )
  const found = tried.filter((text) => {
    const cell = Buffer.from(text)
    return isWord('inbound', cell, 0, cell.length)
  })
  expect(found.filter((text) => text.toLowerCase() !== 'inbound')).toEqual([])
  expect(found.length).toBeGreaterThan(3)
})
