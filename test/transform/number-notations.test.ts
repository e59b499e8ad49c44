import { describe, expect, test } from 'vitest'
import {
  digitsOf,
  emailAsValue,
  emailInText,
  mentionsIn,
  numberAsValue,
  numberInText,
  partiesIn,
} from '../../src/transform/number-notations.ts'

const number = '+15125550142'

/** As whoever wrote it may have: the digits that are looked up must be among those that are kept. */
const notations = [
  '+15125550142',
  '15125550142',
  '5125550142',
  '(512) 555-0142',
  '(512)555-0142',
  '512-555-0142',
  '512.555.0142',
  '512 555 0142',
  '1 512 555 0142',
  '+1 (512) 555-0142',
  '+1.512.555.0142',
  '0015125550142',
  '011 1 512 555 0142',
  '512\u00a0555\u00a00142',
]

const others = ['5125550143', '512555014', '95125550142', '51255501427', '+1 512 556 0142', '5125550 and 142']

test('a number has its digits with and without country code and prefixes', () => {
  expect(digitsOf(number)).toEqual(['15125550142', '5125550142', '05125550142', '0015125550142', '01115125550142'])
  expect(digitsOf('+442079460018')).toEqual([
    '442079460018',
    '2079460018',
    '02079460018',
    '00442079460018',
    '011442079460018',
  ])
})

describe.each(notations)('%s', (notation) => {
  test('is found as a value of JSON, and as what tel: and sip: addresses have', () => {
    const pattern = new RegExp(numberAsValue(number))
    for (const json of [
      `{"from":"${notation}"}`,
      `["${notation}","x"]`,
      `{"ani":"tel:${notation}"}`,
      `{"uri":"sip:${notation}@host.example.test"}`,
      `{"from":"${notation} x12"}`,
    ]) {
      expect(pattern.test(json), json).toBe(true)
      expect(
        partiesIn(json).digits.some((digits) => digitsOf(number).includes(digits)),
        json,
      ).toBe(true)
    }
    expect(pattern.test(`{"text":"please call ${notation} today"}`)).toBe(false)
  })

  test('is found in any text, between other numbers, too', () => {
    const pattern = new RegExp(numberInText(number))
    for (const text of [
      notation,
      `a5;10;${notation};60`,
      `call ${notation}, please`,
      `10 ${notation} 60`,
      `"${notation}`,
    ]) {
      expect(pattern.test(text), text).toBe(true)
      expect(
        mentionsIn(text).digits.some((digits) => digitsOf(number).includes(digits)),
        text,
      ).toBe(true)
    }
  })
})

test.each(others)('%s is another number', (text) => {
  expect(new RegExp(numberInText(number)).test(`a ${text} b`)).toBe(false)
  expect(new RegExp(numberAsValue(number)).test(`"${text}"`)).toBe(false)
  expect(mentionsIn(`a ${text} b`).digits.filter((digits) => digitsOf(number).includes(digits))).toEqual([])
})

test('an address is found whatever its case, and no longer one for it', () => {
  const email = 'jo.doe+x@example.test'
  expect(new RegExp(emailAsValue(email), 'i').test('{"email":"Jo.Doe+X@Example.test"}')).toBe(true)
  expect(new RegExp(emailInText(email), 'i').test('<JO.DOE+x@example.test>, hello')).toBe(true)
  expect(new RegExp(emailInText(email), 'i').test('ajo.doe+x@example.test')).toBe(false)
  expect(new RegExp(emailInText(email), 'i').test('joxdoe+x@example.test')).toBe(false)
  expect(partiesIn('{"a":"mailto:Jo@Example.test","b":"call Jo@Example.test"}').emails).toEqual(['jo@example.test'])
  expect(mentionsIn('write to Jo@Example.test.').emails).toEqual(['jo@example.test'])
})

test('long runs of digits and separators are looked through, not tried in every combination', () => {
  const hostile = `{"a":"${'1 '.repeat(200_000)}","b":${'1'.repeat(200_000)}}`
  expect(partiesIn(hostile).emails).toEqual([])
  expect(mentionsIn(hostile).digits).not.toContain('15125550142')
  expect(new RegExp(numberInText(number)).test(hostile)).toBe(false)
})
