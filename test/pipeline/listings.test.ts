import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Window } from '../../src/domain/window.ts'
import { Listings } from '../../src/pipeline/listings.ts'
import { AnswerSizes } from '../../src/sources/answer-sizes.ts'
import type { ReadContext, StubPage } from '../../src/sources/source.ts'

const first: Window = { from: 0, to: 10 }
const second: Window = { from: 10, to: 20 }

const pageAt = (readAt: number): StubPage => ({ stubs: [], readAt, servedAt: null, total: null })

/** A source of some pages a window, and what became of its requests. */
const listing = (
  answer: (name: string, context: ReadContext) => Promise<void> = () => sleep(5),
  count = 2,
  sizes?: AnswerSizes,
) => {
  const journal: string[] = []
  const stop = new AbortController()
  const stream = {
    async *list({ from }: Window, context: ReadContext): AsyncGenerator<StubPage, void, undefined> {
      for (let page = 1; page <= count; page += 1) {
        const name = `${from}/${page}`
        journal.push(`asks ${name}`)
        await answer(name, context)
        journal.push(`has ${name}`)
        yield pageAt(from + page)
      }
    },
  }
  return { listings: new Listings(stream, { signal: stop.signal, sizes }), journal, stop }
}

const workThrough = async (listings: Listings, journal: string[], window: Window, following: Window | null) => {
  for await (const { readAt } of listings.pages(window, following)) {
    await sleep(30)
    journal.push(`loaded ${readAt}`)
  }
}

test('pages are asked for while one is loaded, and then those of the next window', async () => {
  const { listings, journal } = listing()
  await workThrough(listings, journal, first, second)
  expect(journal).toEqual([
    'asks 0/1',
    'has 0/1',
    'asks 0/2',
    'has 0/2',
    'asks 10/1',
    'has 10/1',
    'asks 10/2',
    'has 10/2',
    'loaded 1',
    'loaded 2',
  ])
  await workThrough(listings, journal, second, null)
  expect(journal.filter((entry) => entry === 'asks 10/1')).toHaveLength(1)
  expect(journal.slice(-2)).toEqual(['loaded 11', 'loaded 12'])
  await listings.close()
})

test('no more than four are asked for ahead, and one of large answers', async () => {
  const { listings, journal } = listing(() => sleep(1), 9)
  await workThrough(listings, journal, first, null)
  expect(journal.slice(0, journal.indexOf('loaded 1')).at(-1)).toBe('has 0/5')
  const large = new AnswerSizes()
  large.note(20_000_000)
  const ofLarge = listing(() => sleep(1), 9, large)
  await workThrough(ofLarge.listings, ofLarge.journal, first, null)
  expect(ofLarge.journal.slice(0, ofLarge.journal.indexOf('loaded 1')).at(-1)).toBe('has 0/2')
})

test('a window that does not come after all costs its first pages: another one is listed from its start', async () => {
  const { listings, journal } = listing()
  await workThrough(listings, journal, first, second)
  await workThrough(listings, journal, { from: 5, to: 10 }, null)
  expect(journal.slice(-2)).toEqual(['loaded 6', 'loaded 7'])
  await listings.close()
})

test('what fails ahead is thrown when its turn comes, and not before', async () => {
  const { listings, journal } = listing(async (name) => {
    if (name === '0/2') throw new Error('the source is gone')
  })
  await expect(workThrough(listings, journal, first, second)).rejects.toThrow('the source is gone')
  expect(journal).toEqual(['asks 0/1', 'has 0/1', 'asks 0/2', 'loaded 1'])
})

test('who fails with a page stops what was asked for ahead, and waits until it has ended', async () => {
  const { listings, journal } = listing(async (name, { signal }) => {
    if (name === '0/2') await sleep(60_000, undefined, { signal }).catch(() => journal.push('stopped 0/2'))
  })
  const failing = async () => {
    for await (const _ of listings.pages(first, second)) throw new Error('the warehouse is gone')
  }
  await expect(failing()).rejects.toThrow('the warehouse is gone')
  expect(journal).toContain('stopped 0/2')
  expect(journal).not.toContain('asks 10/1')
})

test('the stop of the run ends what was asked for ahead, for its reason', async () => {
  const { listings, journal, stop } = listing(async (_, { signal }) => {
    await sleep(20)
    signal.throwIfAborted()
  })
  const stopped = async () => {
    for await (const _ of listings.pages(first, second)) stop.abort(new Error('SIGTERM'))
  }
  await expect(stopped()).rejects.toThrow('SIGTERM')
  expect(journal).toEqual(['asks 0/1', 'has 0/1', 'asks 0/2'])
  await listings.close()
})
