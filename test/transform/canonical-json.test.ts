import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, sha256Hex } from '../../src/transform/canonical-json.ts'

describe('canonical JSON', () => {
  test('has its keys in one order at every depth, whatever the order in which they came', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: { z: true, y: [] }, A: {} })).toBe(
      '{"A":{},"a":{"y":[],"z":true},"b":[1,{"c":"x","d":null}]}',
    )
  })

  test('escapes what Postgres text cannot hold, and loses nothing of it', () => {
    const text = canonicalJson({ '\0': 'a\0b\ud800' })
    expect(text).toBe('{"\\u0000":"a\\u0000b\\ud800"}')
    expect(JSON.parse(text)).toEqual({ '\0': 'a\0b\ud800' })
  })

  test('leaves out what JSON cannot hold', () => {
    expect(canonicalJson({ a: undefined, b: [undefined, Number.NaN], c: -0 })).toBe('{"b":[null,null],"c":0}')
    expect(canonicalJson(undefined)).toBe('null')
  })

  test('of a record with a key __proto__, or without prototype, is that of its own members', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}')
    expect(canonicalJson(Object.assign(Object.create({ inherited: 1 }), { a: 2 }))).toBe('{"a":2}')
  })

  test('is read back as the same value, and is the same for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  test('reaches any depth and any width', () => {
    const depth = 200_000
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(canonicalJson(JSON.parse(nested))).toBe(nested)
    const wide = Array.from({ length: 300_000 }, () => ({}))
    expect(canonicalJson(wide)).toBe(JSON.stringify(wide))
  })

  test('is hashed as UTF-8', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('{"a":"ü"}')).toBe('fd621823002706e24604cb868a9f4f8850d6f01fb5040d49ba050482e1472437')
  })
})
