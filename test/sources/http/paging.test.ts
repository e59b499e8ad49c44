import { describe, expect, test } from 'vitest'
import { type NumberedPage, numberedPages, provenPages } from '../../../src/sources/http/paging.ts'

type Page = NumberedPage<string, undefined>

const page = (items: string, stated: Partial<Page> = {}): Page => ({
  items: items === '' ? [] : items.split(' '),
  number: null,
  lastNumber: null,
  total: null,
  answer: undefined,
  ...stated,
})

/** Answers the n-th request with the n-th page, and all further ones with the last; keeps what was asked for. */
const listing = (...pages: readonly Page[]) => {
  const asked: number[] = []
  const ask = async (number: number): Promise<Page> => {
    const answer = pages[Math.min(asked.length, pages.length - 1)]
    asked.push(number)
    if (answer === undefined) throw new Error('no page is scripted')
    return answer
  }
  const idOf = (item: string) => (item === '?' ? null : item)
  return { asked, paging: { what: 'connection front-desk, recordings', pageSize: 3, idOf, ask } }
}

/** Items of the pages, with how it ended. */
const walked = async (pages: AsyncGenerator<Page, void, undefined>): Promise<readonly string[]> => {
  const seen: string[] = []
  try {
    for await (const { items } of pages) seen.push(items.join(' '))
  } catch (error) {
    return [...seen, String(error)]
  }
  return [...seen, 'end']
}

const proven = (...pages: readonly Page[]) => {
  const { asked, paging } = listing(...pages)
  return { asked, run: (more = {}) => walked(provenPages({ ...paging, ...more })) }
}

const numbered = (...pages: readonly Page[]) => {
  const { asked, paging } = listing(...pages)
  return { asked, run: (more = {}) => walked(numberedPages({ ...paging, ...more })) }
}

const tooLarge = (problem: string) =>
  `WindowTooLarge: connection front-desk, recordings: the listing does not add up: ${problem}`

describe('proven pages', () => {
  test('are one response that holds as many as its total', async () => {
    const { asked, run } = proven(page('a b c', { number: 1, lastNumber: 1, total: 3 }))
    expect(await run()).toEqual(['a b c', 'end'])
    expect(asked).toEqual([1])
  })

  test('are one empty response, so that the caller knows when it was given', async () => {
    expect(await proven(page('', { lastNumber: 0, total: 0 })).run()).toEqual(['', 'end'])
  })

  test('are asked for again when one response does not add up', async () => {
    const { asked, run } = proven(page('a', { total: 2 }), page('a b', { total: 2 }))
    expect(await run()).toEqual(['a b', 'end'])
    expect(asked).toEqual([1, 1])
  })

  test('are a window too large when one response never adds up; what it holds is given all the same', async () => {
    const { asked, run } = proven(page('a', { total: 2 }))
    expect(await run()).toEqual(['a', tooLarge('one page holds 1, and its total is 2')])
    expect(asked).toEqual([1, 1, 1])
  })

  test('fail for good at the floor', async () => {
    expect(await proven(page('a', { total: 2 })).run({ atFloor: true })).toEqual([
      'a',
      'SourceProtocolError: connection front-desk, recordings: the listing does not add up: one page holds 1, and its ' +
        'total is 2',
    ])
  })

  test('are as many different ids as the total, which stays the same', async () => {
    const { asked, run } = proven(
      page('a b c', { number: 1, lastNumber: 2, total: 5 }),
      page('d e', { number: 2, lastNumber: 2, total: 5 }),
    )
    expect(await run()).toEqual(['a b c', 'd e', 'end'])
    expect(asked).toEqual([1, 2])
  })

  test('are read once more when an id was shown twice, and another never', async () => {
    const first = page('a b c', { total: 4, lastNumber: 2 })
    const { asked, run } = proven(first, page('a', { total: 4, lastNumber: 2 }), first, page('d', { total: 4 }))
    expect(await run()).toEqual(['a b c', 'a', 'a b c', 'd', 'end'])
    expect(asked).toEqual([1, 2, 1, 2])
  })

  test('are a window too large when they do not add up twice', async () => {
    const first = page('a b c', { total: 5, lastNumber: 2 })
    const second = page('c d', { total: 5, lastNumber: 2 })
    expect(await proven(first, second, first, second).run()).toEqual([
      'a b c',
      'c d',
      'a b c',
      'c d',
      tooLarge(
        'it holds 4 different ids, and its total is 5; read again: it holds 4 different ids, and its total is 5',
      ),
    ])
  })

  test('do not add up when the total changes between pages: one was deleted, and the pages shifted', async () => {
    const first = page('a b c', { total: 7, lastNumber: 3 })
    const { asked, run } = proven(first, page('e f g', { total: 6, lastNumber: 2 }))
    expect(await run()).toContain(
      tooLarge('its total went from 7 to 6 between pages; read again: it holds 3 different ids, and its total is 6'),
    )
    expect(asked).toEqual([1, 2, 1, 2])
  })

  test('may leave the last page, or the total of some pages, unstated', async () => {
    expect(await proven(page('a b c', { total: 5 }), page('d e')).run()).toEqual(['a b c', 'd e', 'end'])
  })

  test('may be smaller than asked for', async () => {
    const capped = { total: 3, lastNumber: 2 }
    expect(await proven(page('a b', capped), page('c', capped)).run()).toEqual(['a b', 'c', 'end'])
    expect(await proven(page('a b', { total: 5 }), page('c d'), page('e')).run()).toEqual(['a b', 'c d', 'e', 'end'])
  })

  test('are not read when there are more than are read at once', async () => {
    const { asked, run } = proven(page('a b c', { total: 11, lastNumber: 4 }))
    expect(await run({ maxTotal: 10 })).toEqual([
      'WindowTooLarge: connection front-desk, recordings: 11 items are more than 10, which are read at once',
    ])
    expect(asked).toEqual([1])
  })

  test('are read at the floor, however many there are', async () => {
    const { run } = proven(page('a b c', { total: 4, lastNumber: 2 }), page('d', { total: 4, lastNumber: 2 }))
    expect(await run({ maxTotal: 2, atFloor: true })).toEqual(['a b c', 'd', 'end'])
  })

  test('without any statement end with an empty page, and never with a short one: pages may be capped', async () => {
    const { asked, run } = proven(page('a b'), page('c d'), page('e'), page(''))
    expect(await run()).toEqual(['a b', 'c d', 'e', '', 'end'])
    expect(asked).toEqual([1, 2, 3, 4])
    expect(await proven(page('a b c'), page('')).run()).toEqual(['a b c', '', 'end'])
    expect(await proven(page('')).run()).toEqual(['', 'end'])
  })

  test('end with the last page that is stated, though no total is', async () => {
    expect(await proven(page('a b', { lastNumber: 2 }), page('c')).run()).toEqual(['a b', 'c', 'end'])
  })

  test('without any total do not add up when a page comes again and again', async () => {
    const { asked, run } = proven(page('a b c'))
    expect(await run()).toContain(
      tooLarge(
        'page 2 holds nothing new, and more is promised; read again: page 2 holds nothing new, and more is promised',
      ),
    )
    expect(asked).toEqual([1, 2, 1, 2])
  })

  test('count items without an id as different ones', async () => {
    expect(await proven(page('? ? a', { total: 5 }), page('? b', { total: 5 })).run()).toEqual(['? ? a', '? b', 'end'])
  })

  test('that hold more than their total are not read on', async () => {
    const many = (items: string) => page(items, { total: 4, lastNumber: 1_000_000 })
    const { asked, run } = proven(many('a b c'), many('d e f'), many('a b c'), many('d e f'))
    expect((await run()).at(-1)).toMatch(/WindowTooLarge: .* it holds more than its total of 4/)
    expect(asked).toEqual([1, 2, 1, 2])
  })

  test('of another number than asked for are no listing', async () => {
    const { run } = proven(page('a b c', { number: 1, total: 5 }), page('a b c', { number: 1, total: 5 }))
    expect(await run()).toEqual([
      'a b c',
      'SourceProtocolError: connection front-desk, recordings: page 2 was asked for, and the answer says it is page 1',
    ])
  })

  test('pass on what asking throws', async () => {
    const { paging } = listing()
    expect(await walked(provenPages(paging))).toEqual(['Error: no page is scripted'])
  })
})

describe('numbered pages', () => {
  test('end with the last one', async () => {
    const { asked, run } = numbered(page('a b c', { lastNumber: 2 }), page('d e f', { lastNumber: 2 }))
    expect(await run()).toEqual(['a b c', 'd e f', 'end'])
    expect(asked).toEqual([1, 2])
  })

  test('end when as many have come as there are', async () => {
    const { asked, run } = numbered(page('a b c', { total: 6 }), page('d e f', { total: 6 }))
    expect(await run()).toEqual(['a b c', 'd e f', 'end'])
    expect(asked).toEqual([1, 2])
  })

  test('end with an empty one where nothing is stated, and never with a short one', async () => {
    const { asked, run } = numbered(page('a b'), page('c'), page(''))
    expect(await run()).toEqual(['a b', 'c', '', 'end'])
    expect(asked).toEqual([1, 2, 3])
  })

  test('may change their total while they are read', async () => {
    const { run } = numbered(page('a b c', { total: 7, lastNumber: 2 }), page('e f', { total: 5, lastNumber: 2 }))
    expect(await run()).toEqual(['a b c', 'e f', 'end'])
  })

  test('do not add up when they end before their total', async () => {
    const { run } = numbered(page('a b c', { total: 7, lastNumber: 2 }), page('e f', { total: 7, lastNumber: 2 }))
    expect(await run()).toEqual(['a b c', 'e f', tooLarge('it holds 5, and its total is 7')])
  })

  test('do not add up when more is promised and nothing new comes', async () => {
    const nothingNew = tooLarge('page 2 holds nothing new, and more is promised')
    expect(await numbered(page('a b c', { lastNumber: 9 })).run()).toEqual(['a b c', 'a b c', nothingNew])
    expect(await numbered(page('a b c', { lastNumber: 9 }), page('')).run()).toEqual(['a b c', '', nothingNew])
    expect(await numbered(page('a b c', { total: 9 }), page('')).run()).toEqual(['a b c', '', nothingNew])
  })

  test('do not go on for ever', async () => {
    const { asked, run } = numbered(page('? ? ?'))
    expect((await run({ maxPages: 20 })).at(-1)).toBe(tooLarge('it goes on after 20 pages'))
    expect(asked).toHaveLength(20)
  })
})
