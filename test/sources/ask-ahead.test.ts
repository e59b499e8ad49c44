import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AnswerSizes } from '../../src/sources/answer-sizes.ts'
import { askAhead } from '../../src/sources/ask-ahead.ts'
import type { ReadContext } from '../../src/sources/source.ts'

const contextOf = (sizes?: AnswerSizes): ReadContext => ({
  signal: new AbortController().signal,
  notice: () => undefined,
  sizes,
})

/** Tells what it was asked for, as it goes out. */
const asker = (last: number, fails: number | null = null) => {
  const asked: string[] = []
  async function* ask({ signal }: ReadContext): AsyncGenerator<number, void, undefined> {
    for (let n = 1; n <= last; n += 1) {
      asked.push(`${n}`)
      await sleep(5, undefined, { signal }).catch((error: unknown) => {
        asked.push(`${n} stopped`)
        throw error
      })
      if (n === fails) throw new Error(`${n} failed`)
      yield n
    }
  }
  return { asked, ask }
}

test('the next answer is under way while one is worked on, and comes in its turn', async () => {
  const { asked, ask } = asker(3)
  const seen: string[] = []
  for await (const n of askAhead(ask, contextOf())) {
    seen.push(`${n} while ${asked.at(-1)}`)
    await sleep(20)
  }
  expect(seen).toEqual(['1 while 2', '2 while 3', '3 while 3'])
})

test('of large answers the next is asked for when the one before is done with', async () => {
  const sizes = new AnswerSizes()
  sizes.note(10_000_000)
  const { asked, ask } = asker(2)
  const seen: string[] = []
  for await (const n of askAhead(ask, contextOf(sizes))) {
    await sleep(20)
    seen.push(`${n} while ${asked.at(-1)}`)
  }
  expect(seen).toEqual(['1 while 1', '2 while 2'])
})

test('what goes wrong ahead is thrown behind what was answered before', async () => {
  const { ask } = asker(3, 2)
  const seen: number[] = []
  const reading = async () => {
    for await (const n of askAhead(ask, contextOf())) {
      await sleep(20)
      seen.push(n)
    }
  }
  await expect(reading()).rejects.toThrow('2 failed')
  expect(seen).toEqual([1])
})

test('what is under way is stopped when no more is wanted', async () => {
  const { asked, ask } = asker(3)
  for await (const _ of askAhead(ask, contextOf())) break
  expect(asked).toEqual(['1', '2', '2 stopped'])
})
