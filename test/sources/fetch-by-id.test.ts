import { describe, expect, test } from 'vitest'
import { ConfigError, ResponseTooLarge, SourceProtocolError, TransientError } from '../../src/domain/errors.ts'
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
  })

  test('costs itself when asking for it alone fails, however often that happens', async () => {
    expect((await fetched([busy(1), null, busy(2), null])).seen).toEqual([
      'a unanswered: busy 1',
      'answer',
      'c unanswered: busy 2',
      'answer',
    ])
  })

  test('shows an outage when the next one fails like it: no further one is asked for', async () => {
    expect(await fetched([null, busy(1), busy(2), null])).toEqual({
      seen: ['answer', 'b unanswered: busy 1', 'thrown: TransientError: busy 2'],
      asked: ['a', 'b', 'c'],
    })
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
    expect(await fetched([error, null])).toEqual({ seen: [expected], asked: ['a'] })
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
