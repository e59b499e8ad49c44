import fc from 'fast-check'
import type { JsonObject } from '../../../src/transform/json-object.ts'

/** Texts that have broken somebody's loader. */
export const knownTexts: readonly string[] = [
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\ud83d\ude00 \ude00\ud83d',
  '\u202e\u0644\u0648\u0645 right to left \u200f',
  '\u2066isolated\u2069',
  '\ufeffmark',
  '\ufffe\uffff',
  '=cmd|"/C calc"!A0',
  '+1+1',
  '-2+3',
  '@SUM(A1:A9)',
  '=HYPERLINK("https://example.test","x")',
  "'; drop table reelhouse.call_recordings; --",
  '$$; select pg_sleep(100); $$',
  "E'\\\\x00' || chr(0)",
  '\\N',
  '\\.',
  '\t\\\t\n\\n\r',
  '"',
  "''",
  '""","',
  '__proto__',
  'constructor',
  'toString',
  '$' + '{DATABASE_URL}',
  '{"a":',
  '<script>alert(1)</script>',
  '\u2028\u2029\u0085',
  'NaN',
  'Infinity',
  '1e999',
  '-0',
  '9007199254740993',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
  '+275760-09-13T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-03-08T02:30:00',
  'e\u0301'.repeat(40),
  '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
]

const characters = fc.string({ unit: 'binary', maxLength: 40 })
const codeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units))

/** Any text, with U+0000 and broken surrogates. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...knownTexts),
  codeUnits,
  characters,
  fc.tuple(fc.constantFrom(...knownTexts), characters).map(([a, b]) => a + b),
)

/** Deeper than a recursive reader likes. */
const deep = (levels: number): unknown => {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { deeper: value }
  return value
}

/** `JSON.parse` makes own members of these; literals would not. */
const prototypeKeys: readonly unknown[] = [
  JSON.parse('{"__proto__":{"id":"polluted","admin":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  JSON.parse('{"hasOwnProperty":1,"toString":null,"valueOf":"x","length":-1}'),
]

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, true, false, 0, -0, -1, 0.5, 1e21, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 63, -(2 ** 31) - 1],
      ...[253_402_300_800, -62_135_596_801, 8.64e15, 8.64e15 + 1],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], [{}], ...prototypeKeys) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 400 }).map(deep) },
)

type Path = readonly (string | number)[]

const pathsOf = (value: unknown, at: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))]

const replaced = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((item, n) => (String(n) === String(key) ? replaced(item, rest, by) : item))
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner]),
  )
}

/** The record with one value in every member that is not an object or a list. */
export const filledWith = (record: JsonObject, value: unknown): JsonObject =>
  pathsOf(record)
    .filter((path) => typeof valueAt(record, path) !== 'object' || valueAt(record, path) === null)
    .reduce<JsonObject>((filled, path) => Object(replaced(filled, path, value)), record)

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (at === null ? at : Object(at)[key]), value)

/** The record with some of its members, at any depth, replaced; one that was read from JSON, as records are. */
export const hostileRecord = (record: JsonObject): fc.Arbitrary<JsonObject> => {
  const paths = pathsOf(record).filter((path) => path.length > 0)
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), hostileValue), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce<unknown>((changed, [path, value]) => replaced(changed, path, value), record))
    .map((changed) => JSON.parse(JSON.stringify(changed)))
}
