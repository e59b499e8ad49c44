import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  ResponseTooLarge,
  SourceProtocolError,
  TransientError,
  UnreadableAnswer,
} from '../../src/domain/errors.ts'
import { mostAtOnce } from '../../src/sources/answer-sizes.ts'
import { fetchByIds } from '../../src/sources/fetch-by-id.ts'
import type { Fetched } from '../../src/sources/source.ts'

/** What becomes of records a, b, c ... when asking for each ends like this: an error is thrown, null is an answer. */
const fetched = async (outcomes: readonly (Error | null)[]) => {
  const ids = outcomes.map((_, index) => String.fromCharCode(97 + index))
  const asked: string[] = []
  const fetchOne = async ({ recordId }: { readonly recordId: string }): Promise<Fetched> => {
    asked.push(recordId)
    const outcome = outcomes[ids.indexOf(recordId)] ?? null
    if (outcome !== null) throw outcome
    return { kind: 'gone', recordId, readAt: 1 }
  }
  const seen: string[] = []
  const refs = ids.map((recordId) => ({ recordId, parentId: null }))
  try {
    for await (const one of fetchByIds(refs, fetchOne, { signal: new AbortController().signal })) {
      if (one.kind !== 'unavailable') seen.push('answer')
      else seen.push(`${one.recordId} ${one.unanswered === true ? 'unanswered' : 'unavailable'}: ${one.detail}`)
    }
  } catch (error) {
    seen.push(`thrown: ${String(error)}`)
  }
  return { seen, asked }
}

const busy = (n: number) => new TransientError(`busy ${n}`)

describe('a record asked for by its id', () => {
  test('costs itself when what is answered is no record', async () => {
    const wrong = [new SourceProtocolError('wrong id'), new ResponseTooLarge('too large'), null]
    expect((await fetched(wrong)).seen).toEqual(['a unavailable: wrong id', 'b unavailable: too large', 'answer'])
    const cutOff = [new UnreadableAnswer('ends too early'), new UnreadableAnswer('HTML'), null]
    expect((await fetched(cutOff)).seen).toEqual(['a unanswered: ends too early', 'b unanswered: HTML', 'answer'])
  })

  test('costs itself when asking for it alone fails, however often that happens', async () => {
    expect((await fetched([busy(1), null, busy(2), null])).seen).toEqual([
      'a unanswered: busy 1',
      'answer',
      'c unanswered: busy 2',
      'answer',
    ])
  })

  test('shows an outage when the next one fails like it: those that were not asked for by then are not', async () => {
    const { seen, asked } = await fetched([null, busy(1), busy(2), ...Array(20).fill(null)])
    expect(seen).toEqual(['answer', 'b unanswered: busy 1', 'thrown: TransientError: busy 2'])
    expect(asked.length).toBeLessThanOrEqual(3 + mostAtOnce)
  })

  test('comes in its turn, however long the one before it takes', async () => {
    const answered: string[] = []
    const fetchOne = async ({ recordId }: { readonly recordId: string }): Promise<Fetched> => {
      if (recordId === 'a') await sleep(50)
      answered.push(recordId)
      return { kind: 'gone', recordId, readAt: 1 }
    }
    const refs = ['a', 'b', 'c'].map((recordId) => ({ recordId, parentId: null }))
    const seen: string[] = []
    for await (const one of fetchByIds(refs, fetchOne, { signal: new AbortController().signal }))
      seen.push(one.kind === 'gone' ? one.recordId : one.kind)
    expect({ seen, answered }).toEqual({ seen: ['a', 'b', 'c'], answered: ['b', 'c', 'a'] })
  })

  test('is one of so many at the most that are asked for at once', async () => {
    let most = 0
    let now = 0
    const fetchOne = async ({ recordId }: { readonly recordId: string }): Promise<Fetched> => {
      now += 1
      most = Math.max(most, now)
      await sleep(1)
      now -= 1
      return { kind: 'gone', recordId, readAt: 1 }
    }
    const refs = Array.from({ length: 30 }, (_, n) => ({ recordId: String(n), parentId: null }))
    for await (const _ of fetchByIds(refs, fetchOne, { signal: new AbortController().signal }));
    expect(most).toBe(mostAtOnce)
  })

  test('shows no outage when another answer, though a wrong one, came between', async () => {
    expect((await fetched([busy(1), new SourceProtocolError('wrong id'), busy(2)])).seen).toEqual([
      'a unanswered: busy 1',
      'b unavailable: wrong id',
      'c unanswered: busy 2',
    ])
  })

  test.each([
    ['the settings', new ConfigError(['bad key']), 'thrown: ConfigError: bad key'],
    ['a defect', new TypeError('a bug'), 'thrown: TypeError: a bug'],
  ])('ends all when it shows that %s must be put right', async (_, error, expected) => {
    expect((await fetched([error, null])).seen).toEqual([expected])
  })

  test('ends all with the reason of the signal, whatever asking for it threw', async () => {
    const controller = new AbortController()
    const fetchOne = async (): Promise<Fetched> => {
      controller.abort(new Error('the operator stopped it'))
      throw new SourceProtocolError('cut off by the stop')
    }
    const all = fetchByIds([{ recordId: 'a', parentId: null }], fetchOne, { signal: controller.signal })
    await expect(all.next()).rejects.toThrow('the operator stopped it')
  })
})
