import { describe, expect, it, test } from 'vitest'
import { compilePhoneReader } from '../../src/transform/phone.ts'

describe('a telephone number', () => {
  const american = compilePhoneReader('US')
  it.each([
    ['+15125550123', '+15125550123'],
    ['+1 (512) 555-0123', '+15125550123'],
    ['(512) 555-0123', '+15125550123'],
    ['512.555.0123', '+15125550123'],
    ['15125550123', '+15125550123'],
    ['tel:+15125550123', '+15125550123'],
    ['TEL:+1-512-555-0123;ext=5', '+15125550123'],
    ['(512) 555-0123 ext. 42', '+15125550123'],
    ['+44 20 7946 0958', '+442079460958'],
    ['011 44 20 7946 0958', '+442079460958'],
    ['+15005550006', '+15005550006'],
    ['\u202a+15125550123\u202c', '+15125550123'],
  ])('%s is %s', (text, expected) => {
    expect(american(text)).toEqual({ kind: 'value', value: expected, note: null })
  })

  it.each([
    'sip:+15125550123@carrier.example',
    'anonymous',
    'Restricted',
    '911',
    '1001',
    '555-0123',
    '1-800-FLOWERS',
    '5125550123 / 5125550124',
    '+1512',
    '+0123456789',
    '+1234567890123456',
    '9'.repeat(10_000),
  ])('%s is unreadable: null, and counted', (text) => {
    expect(american(text)).toEqual({ kind: 'value', value: null, note: 'phone-unreadable' })
  })

  test('without country code is unreadable when no default country is set', () => {
    const reader = compilePhoneReader(null)
    expect(reader('(512) 555-0123')).toEqual({ kind: 'value', value: null, note: 'phone-unreadable' })
    expect(reader('+1 (512) 555-0123')).toEqual({ kind: 'value', value: '+15125550123', note: null })
  })

  test('of few digits is an extension in countries where it might be a number', () => {
    const german = compilePhoneReader('DE')
    expect(german('1001')).toEqual({ kind: 'value', value: null, note: 'phone-unreadable' })
    expect(german('10012')).toEqual({ kind: 'value', value: null, note: 'phone-unreadable' })
    expect(german('030 901820')).toEqual({ kind: 'value', value: '+4930901820', note: null })
  })

  test('is read the same again, however many others came between', () => {
    const reader = compilePhoneReader('US')
    const numbers = Array.from({ length: 25_000 }, (_, index) =>
      `(512) 555-${String(index).padStart(4, '0')}`.slice(0, 14),
    )
    const first = numbers.map((number) => reader(number))
    expect(numbers.map((number) => reader(number))).toEqual(first)
  })

  test('of an unknown country is an error of the configuration', () => {
    expect(() => compilePhoneReader('XX')).toThrow('country "XX" is unknown')
  })
})
