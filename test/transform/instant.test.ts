import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it, test } from 'vitest'
import { compileInstantReader, formatInstant, type InstantSettings } from '../../src/transform/instant.ts'

/** Canonical text of the instant, with a `*` when the clock showed it twice; the code of an error. */
const shown = (text: string, settings: InstantSettings = {}): string => {
  const reading = compileInstantReader(settings)(text)
  if (reading.kind === 'invalid') return reading.code
  return `${formatInstant(reading.value)}${reading.note === 'time-in-dst-overlap' ? '*' : ''}`
}

describe('an ISO instant', () => {
  it.each([
    ['2026-07-14T15:02:11Z', '2026-07-14T15:02:11Z'],
    ['2026-07-14 15:02:11Z', '2026-07-14T15:02:11Z'],
    ['2026-07-14T15:02Z', '2026-07-14T15:02:00Z'],
    ['2026-07-14T15:02:11.5Z', '2026-07-14T15:02:11.500000Z'],
    ['2026-07-14T15:02:11.123456Z', '2026-07-14T15:02:11.123456Z'],
    ['2026-07-14T15:02:11.123456999Z', '2026-07-14T15:02:11.123456Z'],
    ['2026-07-14T15:02:11.000001Z', '2026-07-14T15:02:11.000001Z'],
    ['2026-07-14T15:02:11+02:00', '2026-07-14T13:02:11Z'],
    ['2026-07-14T15:02:11+0530', '2026-07-14T09:32:11Z'],
    ['2026-07-14 15:02:11-05', '2026-07-14T20:02:11Z'],
    ['2026-07-14T15:02+00:00', '2026-07-14T15:02:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['1900-01-01T00:00:00Z', '1900-01-01T00:00:00Z'],
    ['2200-01-01T00:00:00Z', '2200-01-01T00:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  it.each([
    '',
    '2026-07-14',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '0000-00-00 00:00:00',
    '2026-07-14T24:00:00Z',
    '2026-07-14T15:60:00Z',
    '2026-07-14T15:02:60Z',
    '2026-07-14T15:02:1Z',
    '2026-07-14T15:02:11.Z',
    '2026-07-14T15:02:11.1234567890Z',
    '2026-07-14T15:02:11+2:00',
    '2026-07-14T15:02:11+16:00',
    '2026-07-14T15:02:11+02:60',
    '2026-07-14T15:02:11+02:00 ',
    '2026-07-14T15:02:11ZZ',
    '2026-07-14T15:02:11z',
    '2026-07-14_15:02:11Z',
    '2026/07/14T15:02:11Z',
    '26-07-14T15:02:11Z',
    '+2026-07-14T15:02:11Z',
    '２０２６-07-14T15:02:11Z',
    '1752505331',
    'yesterday at noon',
  ])('"%s" is none', (text) => {
    expect(shown(text, { zone: 'UTC' })).toBe('invalid-instant')
  })

  test('without a zone is refused unless one is configured', () => {
    expect(compileInstantReader({})('2026-07-14T15:02:11')).toEqual({
      kind: 'invalid',
      code: 'missing-zone',
      detail: '"2026-07-14T15:02:11" names no time zone; set the zone of the column or the connection',
    })
    expect(shown('2026-07-14T15:02:11', { zone: 'UTC' })).toBe('2026-07-14T15:02:11Z')
    expect(shown('2026-07-14T15:02:11.25', { zone: 'America/Chicago' })).toBe('2026-07-14T20:02:11.250000Z')
  })

  test('keeps its own zone where another is configured', () => {
    expect(shown('2026-07-14T15:02:11+02:00', { zone: 'America/Chicago' })).toBe('2026-07-14T13:02:11Z')
  })

  test('outside 1900 to 2200 is refused, sentinels included', () => {
    expect(shown('9999-12-31T23:59:59Z')).toBe('instant-out-of-range')
    expect(shown('0001-01-01T00:00:00', { zone: 'America/Chicago' })).toBe('instant-out-of-range')
    expect(shown('1899-12-31T23:59:59.999999Z')).toBe('instant-out-of-range')
    expect(shown('2200-01-01T00:00:00.000001Z')).toBe('instant-out-of-range')
  })

  test('shows at most a short, escaped excerpt of a broken value', () => {
    const reading = compileInstantReader({})(`\u001b[31m${'x'.repeat(500)}`)
    expect(reading).toEqual({
      kind: 'invalid',
      code: 'invalid-instant',
      detail: `"\\u001b[31m${'x'.repeat(55)}..." is no instant of the form YYYY-MM-DDTHH:MM:SS with Z, +hh:mm or no zone`,
    })
  })
})

describe('a local time', () => {
  it.each([
    ['America/Chicago', '2026-03-08T01:59:59.999999', '2026-03-08T07:59:59.999999Z'],
    ['America/Chicago', '2026-03-08T02:00:00', 'time-in-dst-gap'],
    ['America/Chicago', '2026-03-08T02:59:59', 'time-in-dst-gap'],
    ['America/Chicago', '2026-03-08T03:00:00', '2026-03-08T08:00:00Z'],
    ['America/Chicago', '2026-11-01T00:59:59', '2026-11-01T05:59:59Z'],
    ['America/Chicago', '2026-11-01T01:00:00', '2026-11-01T06:00:00Z*'],
    ['America/Chicago', '2026-11-01T01:59:59', '2026-11-01T06:59:59Z*'],
    ['America/Chicago', '2026-11-01T02:00:00', '2026-11-01T08:00:00Z'],
    ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z*'],
    ['Australia/Lord_Howe', '2026-04-05T01:29:59', '2026-04-04T14:29:59Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:30:00', '2026-04-04T14:30:00Z*'],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00', '2026-04-04T15:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-04T02:00:00', 'time-in-dst-gap'],
    ['Australia/Lord_Howe', '2026-10-04T02:29:59', 'time-in-dst-gap'],
    ['Australia/Lord_Howe', '2026-10-04T02:30:00', '2026-10-03T15:30:00Z'],
    ['Pacific/Apia', '2011-12-29T23:59:59', '2011-12-30T09:59:59Z'],
    ['Pacific/Apia', '2011-12-30T00:00:00', 'time-in-dst-gap'],
    ['Pacific/Apia', '2011-12-30T12:00:00', 'time-in-dst-gap'],
    ['Pacific/Apia', '2011-12-30T23:59:59', 'time-in-dst-gap'],
    ['Pacific/Apia', '2011-12-31T00:00:00', '2011-12-30T10:00:00Z'],
    ['America/St_Johns', '2010-11-07T00:00:30', '2010-11-07T02:30:30Z*'],
    ['Asia/Kathmandu', '2026-07-14T12:00:00', '2026-07-14T06:15:00Z'],
  ])('in %s at %s is %s', (zone, text, expected) => {
    expect(shown(text, { zone })).toBe(expected)
  })

  test('in a zone that does not exist is an error of the configuration', () => {
    expect(() => compileInstantReader({ zone: 'America/Austin' })).toThrow('time zone "America/Austin" is unknown')
  })

  const zones = [
    'America/Chicago',
    'America/Santiago',
    'America/St_Johns',
    'Africa/Casablanca',
    'Africa/Monrovia',
    'Asia/Gaza',
    'Asia/Tehran',
    'Australia/Lord_Howe',
    'Antarctica/Troll',
    'Europe/Amsterdam',
    'Europe/Dublin',
    'Pacific/Apia',
    'Pacific/Kwajalein',
    'UTC',
  ]
  const readers = new Map(zones.map((zone) => [zone, compileInstantReader({ zone })]))
  const millis = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) })

  test('as luxon shows an instant in a zone is read as that instant, or as an earlier one with the same clock time', () => {
    fc.assert(
      fc.property(millis, fc.nat(999), fc.constantFrom(...zones), (ms, extra, zone) => {
        const local = DateTime.fromMillis(ms, { zone })
        const text = `${local.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS")}${String(extra).padStart(3, '0')}`
        const reading = readers.get(zone)?.(text)
        if (reading?.kind !== 'value') throw new Error(`${text} in ${zone} was not read`)
        const found = DateTime.fromMillis(Math.floor(reading.value / 1000), { zone })
        expect(found.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS")).toBe(local.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS"))
        if (reading.note === null) expect(reading.value).toBe(ms * 1000 + extra)
        else expect(reading.value).toBeLessThanOrEqual(ms * 1000 + extra)
      }),
      { numRuns: 3000 },
    )
  })

  test('is read around every change of a zone as luxon shows it', () => {
    for (const zone of zones) {
      for (let ms = Date.UTC(2005, 0, 1); ms < Date.UTC(2013, 0, 1); ms += 7 * 3_600_000 + 17 * 60_000) {
        const text = DateTime.fromMillis(ms, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss")
        const reading = readers.get(zone)?.(text)
        if (reading?.kind !== 'value') throw new Error(`${text} in ${zone} was not read`)
        if (reading.note === null && reading.value !== ms * 1000)
          throw new Error(`${text} in ${zone}: ${reading.value}`)
      }
    }
  })
})

describe('a canonical text', () => {
  test('is read back as the same microsecond', () => {
    const read = compileInstantReader({})
    fc.assert(
      fc.property(fc.integer({ min: -2_208_988_800_000_000, max: 7_258_118_400_000_000 }), (micros) => {
        expect(read(formatInstant(micros))).toEqual({ kind: 'value', value: micros, note: null })
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with luxon on the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_208_988_800, max: 7_258_118_400 }), (seconds) => {
        const expected = DateTime.fromSeconds(seconds, { zone: 'utc' }).toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'")
        expect(formatInstant(seconds * 1_000_000)).toBe(expected)
      }),
    )
  })
})

describe('a count since 1970', () => {
  it.each([
    ['unix_s', '1752505331', '2025-07-14T15:02:11Z'],
    ['unix_s', '1752505331.5', '2025-07-14T15:02:11.500000Z'],
    ['unix_s', '1752505331.1234569', '2025-07-14T15:02:11.123456Z'],
    ['unix_s', '-0.5', '1969-12-31T23:59:59.500000Z'],
    ['unix_s', '0', '1970-01-01T00:00:00Z'],
    ['unix_ms', '1752505331123', '2025-07-14T15:02:11.123000Z'],
    ['unix_ms', '1752505331123.4567', '2025-07-14T15:02:11.123456Z'],
    ['unix_us', '1752505331123456', '2025-07-14T15:02:11.123456Z'],
    ['unix_s', '1752505331123', 'instant-out-of-range'],
    ['unix_s', '1.7525E9', 'invalid-instant'],
    ['unix_s', '1,752,505,331', 'invalid-instant'],
    ['unix_s', '2026-07-14T15:02:11Z', 'invalid-instant'],
  ])('%s %s is %s', (format, text, expected) => {
    expect(shown(text, { format })).toBe(expected)
  })
})

describe('a luxon format', () => {
  const chicago = { zone: 'America/Chicago' }
  it.each([
    ['M/d/yy h:mm a', '7/14/26 3:02 PM', '2026-07-14T20:02:00Z'],
    ['M/d/yy h:mm a', '7/14/26 12:02 am', '2026-07-14T05:02:00Z'],
    ['M/d/yy h:mm a', '7/14/26 3:02\u202fPM', '2026-07-14T20:02:00Z'],
    ['M/d/yyyy H:mm:ss', '2/30/2026 15:02:11', 'invalid-instant'],
    ['M/d/yyyy H:mm:ss', '7/14/2026 15:02', 'invalid-instant'],
    ['M/d/yyyy H:mm:ss', '3/8/2026 2:30:00', 'time-in-dst-gap'],
    ['M/d/yyyy H:mm:ss', '11/1/2026 1:30:00', '2026-11-01T06:30:00Z*'],
    ['MMM d, yyyy HH:mm', 'Jul 14, 2026 15:02', '2026-07-14T20:02:00Z'],
    ['yyyyMMddHHmmss', '20260714150211', '2026-07-14T20:02:11Z'],
    ['yyyyMMdd', '20260714', '2026-07-14T05:00:00Z'],
    ['dd.MM.yyyy HH:mm:ss.u', '14.07.2026 15:02:11.123456789', '2026-07-14T20:02:11.123456Z'],
    ['M/d/yyyy H:mm ZZ', '7/14/2026 15:02 +02:00', '2026-07-14T13:02:00Z'],
    ['M/d/yyyy H:mm ZZZ', '7/14/2026 15:02 -0500', '2026-07-14T20:02:00Z'],
    ['M/d/yyyy H:mm:ss.u ZZZ', '7/14/2026 15:02:11.000007 -0500', '2026-07-14T20:02:11.000007Z'],
    ['M/d/yyyy H:mm ZZ', '7/14/2026 15:02 +99:00', 'invalid-instant'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-07-14 15:02:11 UTC', '2026-07-14T15:02:11Z'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-07-14 15:02:11 Europe/Berlin', '2026-07-14T13:02:11Z'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-03-29 02:30:00 Europe/Berlin', 'time-in-dst-gap'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-10-25 02:30:00 Europe/Berlin', '2026-10-25T00:30:00Z*'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-07-14 15:02:11 Nowhere', 'invalid-instant'],
    ['yyyy-MM-dd HH:mm:ss z', '2026-02-30 15:02:11 UTC', 'invalid-instant'],
    ["yyyy-MM-dd'T'HH:mm:ss", '9999-12-31T00:00:00', 'instant-out-of-range'],
  ])('%s reads %s as %s', (format, text, expected) => {
    expect(shown(text, { ...chicago, format })).toBe(expected)
  })

  test('needs a zone where the text has none', () => {
    expect(shown('7/14/26 3:02 PM', { format: 'M/d/yy h:mm a' })).toBe('missing-zone')
    expect(shown('7/14/2026 15:02 +02:00', { format: 'M/d/yyyy H:mm ZZ' })).toBe('2026-07-14T13:02:00Z')
  })

  it.each([
    ['HH:mm:ss', 'names no complete date'],
    ['MM/yyyy HH:mm', 'names no complete date'],
    ['d.M. HH:mm', 'names no complete date'],
    ['M/d/yyyy h:mm', 'without AM or PM'],
    ['M/d/yyyy HH:mm a', 'write h'],
  ])('%s is an error of the configuration: %s', (format, problem) => {
    expect(() => compileInstantReader({ format, zone: 'UTC' })).toThrow(problem)
  })
})

describe('a list of formats', () => {
  const settings = { format: ['iso', 'M/d/yyyy H:mm', 'unix_s', 'unix_ms'], zone: 'America/Chicago' }
  it.each([
    ['2026-07-14T15:02:11Z', '2026-07-14T15:02:11Z'],
    ['7/14/2026 15:02', '2026-07-14T20:02:00Z'],
    ['1752505331', '2025-07-14T15:02:11Z'],
    ['1752505331123', '2025-07-14T15:02:11.123000Z'],
    ['3/8/2026 2:30', 'time-in-dst-gap'],
    ['9999-12-31T00:00:00Z', 'instant-out-of-range'],
    ['noon', 'invalid-instant'],
  ])('is tried in order: %s is %s', (text, expected) => {
    expect(shown(text, settings)).toBe(expected)
  })
})
