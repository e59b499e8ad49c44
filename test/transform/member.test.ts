import { describe, expect, test } from 'vitest'
import {
  compileIdMember,
  compileMember,
  compileReadMember,
  compileTextMember,
  objectsOf,
} from '../../src/transform/member.ts'
import { invalid, read } from '../../src/transform/reading.ts'

describe('a member of an object', () => {
  test('has the name on the wire, or as typed clients write it; the first counts', () => {
    const member = compileMember('call_session_id')
    expect(member({ call_session_id: 1 })).toBe(1)
    expect(member({ callSessionId: 2 })).toBe(2)
    expect(member({ callSessionId: 2, call_session_id: null })).toBeNull()
  })

  test('is its own, never inherited', () => {
    expect(compileMember('constructor')({})).toBeUndefined()
    expect(compileMember('to_string')({})).toBeUndefined()
  })
})

describe('an id', () => {
  test.each([
    [' a b ', ' a b '],
    ['a\u0000', 'a\u0000'],
    [12, '12'],
    [' ', null],
    [null, null],
    [undefined, undefined],
    [2 ** 60, undefined],
  ])('%j is exactly what is written: %j', (value, expected) => {
    expect(compileIdMember('id')({ id: value }, [])).toBe(expected)
  })
})

describe('the text of a member', () => {
  const text = compileTextMember('name')

  test.each([
    [' a b ', 'a b', []],
    ['', null, []],
    [' ', null, []],
    [null, null, []],
    [12, '12', []],
    [true, 'true', []],
    [undefined, undefined, []],
    ['a\u0000', 'a\ufffd', ['characters-replaced']],
    [2 ** 60, undefined, ['member-unreadable']],
    [{ a: 1 }, undefined, ['member-unreadable']],
    [['a'], undefined, ['member-unreadable']],
  ])('of %j is %j', (value, expected, expectedNotes) => {
    const notes: string[] = []
    expect(text({ name: value }, notes)).toBe(expected)
    expect(notes).toEqual(expectedNotes)
  })

  test('is undefined where there is none', () => {
    expect(text({}, [])).toBeUndefined()
  })
})

test('what a reader refuses is unknown, and counted where that is worth knowing', () => {
  const reader = (text: string) => (text === 'odd' ? read(1, 'odd-one') : invalid('invalid', 'no'))
  const notes: string[] = []
  expect(compileReadMember('n', reader, 'n-unreadable')({ n: 'odd' }, notes)).toBe(1)
  expect(compileReadMember('n', reader, 'n-unreadable')({ n: 'x' }, notes)).toBeUndefined()
  expect(compileReadMember('n', reader, null)({ n: 'x' }, notes)).toBeUndefined()
  expect(compileReadMember('n', reader, 'n-unreadable')({ n: null }, notes)).toBeNull()
  expect(notes).toEqual(['odd-one', 'n-unreadable'])
})

test('of a list only its objects are taken', () => {
  expect(objectsOf([{ a: 1 }, null, 'x', [], 3])).toEqual([{ a: 1 }])
  expect(objectsOf({ a: 1 })).toEqual([])
})
