import { expect, test } from 'vitest'
import { type TokenPage, tokenPages } from '../../../src/sources/http/token-pages.ts'

type Page = TokenPage<string, undefined>

const page = (items: string, nextToken: string | null): Page => ({
  items: items === '' ? [] : items.split(' '),
  nextToken,
  answer: undefined,
})

/** Items of the pages and how it ended; `asked` has the tokens that were sent. */
const walk = async (answer: (request: number) => Page, maxPages = 50) => {
  const asked: (string | null)[] = []
  const paging = {
    what: 'connection front-desk, calls',
    idOf: (item: string) => item,
    maxPages,
    ask: async (token: string | null) => answer(asked.push(token) - 1),
  }
  const seen: string[] = []
  try {
    for await (const { items } of tokenPages(paging)) seen.push(items.join(' '))
  } catch (error) {
    return { asked, seen, end: String(error) }
  }
  return { asked, seen, end: 'end' }
}

const scripted =
  (...pages: readonly Page[]) =>
  (request: number): Page =>
    pages[request] ?? page('', null)

test('a chain ends with a page that has no token', async () => {
  expect(await walk(scripted(page('a b', 't1'), page('c', 't2'), page('d', null)))).toEqual({
    asked: [null, 't1', 't2'],
    seen: ['a b', 'c', 'd'],
    end: 'end',
  })
})

test('an empty page in the middle is not the end', async () => {
  expect(await walk(scripted(page('', 't1'), page('', 't2'), page('a', 't3'), page('', null)))).toMatchObject({
    seen: ['', '', 'a', ''],
    end: 'end',
  })
})

test('a token that comes again is a circle', async () => {
  expect(await walk(scripted(page('a', 't1'), page('b', 't2'), page('c', 't1')))).toEqual({
    asked: [null, 't1', 't2'],
    seen: ['a', 'b', 'c'],
    end: 'SourceProtocolError: connection front-desk, calls: page 3 gives a page token for the second time',
  })
})

test('one page of nothing new is a shift, two are a circle', async () => {
  const shifted = scripted(page('a', 't1'), page('a', 't2'), page('b', 't3'), page('a b', 't4'), page('c', null))
  expect(await walk(shifted)).toMatchObject({ end: 'end' })
  const circle = scripted(page('a', 't1'), page('a', 't2'), page('', 't3'), page('a', 't4'), page('b', null))
  expect(await walk(circle)).toMatchObject({
    seen: ['a', 'a', '', 'a'],
    end: 'SourceProtocolError: connection front-desk, calls: page 4 and the one before hold nothing new',
  })
})

test('a last page of nothing new hides what should have stood there', async () => {
  expect(await walk(scripted(page('a b', 't1'), page('a b', null)))).toEqual({
    asked: [null, 't1'],
    seen: ['a b', 'a b'],
    end: 'WindowTooLarge: connection front-desk, calls: the listing does not add up: page 2, the last, holds nothing new',
  })
  expect(await walk(scripted(page('a b', 't1'), page('', null)))).toMatchObject({ end: 'end' })
})

test('a chain does not go on for ever', async () => {
  const endless = (request: number) => page('', `t${request}`)
  expect(await walk(endless, 20)).toMatchObject({
    asked: { length: 20 },
    end: 'WindowTooLarge: connection front-desk, calls: the listing does not add up: it goes on after 20 pages',
  })
})
