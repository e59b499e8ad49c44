import { setImmediate } from 'node:timers/promises'
import { linkContext } from './linked-signal.ts'
import type { ReadContext } from './source.ts'

type Answers<T> = AsyncGenerator<T, void, undefined>

/**
 * The answers of `ask`, in their order; while the caller works on one, the next is under way. Where answers are not small it is
 * asked for when that work is done. What goes wrong with it is thrown when its turn comes; when the caller wants no more, it
 * is stopped.
 */
export async function* askAhead<T>(ask: (context: ReadContext) => Answers<T>, parent: ReadContext): Answers<T> {
  const { context, end } = linkContext(parent)
  const answers = ask(context)
  let ahead: Promise<IteratorResult<T, void>> | null = null
  try {
    for (;;) {
      const answer = await (ahead ?? answers.next())
      ahead = null
      if (answer.done === true) return
      if (parent.sizes?.areSmall !== false) {
        ahead = answers.next()
        // Thrown when its turn comes; until then it must not count as unhandled.
        ahead.catch(() => undefined)
        // The request leaves before there is work.
        await setImmediate()
      }
      yield answer.value
    }
  } finally {
    end()
    await Promise.allSettled([ahead, answers.return()])
  }
}
