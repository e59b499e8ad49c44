import { expect, test } from 'vitest'
import { TransientError } from '../../../src/domain/errors.ts'
import { linkContext } from '../../../src/sources/linked-signal.ts'
import type { ReadContext } from '../../../src/sources/source.ts'
import { compileUnlessFailed } from '../../../src/sources/voipbin/joining.ts'

const context: ReadContext = { signal: new AbortController().signal }

const stoppedWith = ({ signal }: ReadContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

test('joins that are stopped, because nobody wants them any more, are no outage', async () => {
  const told: string[] = []
  const unlessFailed = compileUnlessFailed({ noticeOnce: (notice) => told.push(notice) })
  const linked = linkContext(context)
  const stopped = [1, 2].map(() => unlessFailed(linked.context, () => stoppedWith(linked.context)))
  linked.end()
  for (const { status } of await Promise.allSettled(stopped)) expect(status).toBe('rejected')
  expect(told).toEqual([])

  const failing = unlessFailed(context, () => Promise.reject(new TransientError('VoIPBIN does not answer')))
  expect(await failing).toBeNull()
})
