import { mostAtOnce } from './answer-sizes.ts'
import { linkContext } from './linked-signal.ts'
import type { ReadContext } from './source.ts'

/**
 * Works on several items at once, on fewer when answers are large; results come in the order of the items, and what the work
 * on one throws is thrown when its turn comes. Then, and when the caller wants no more, the work on those behind it is stopped.
 */
export async function* workAhead<T, R>(
  items: readonly T[],
  work: (item: T, context: ReadContext) => Promise<R>,
  parent: ReadContext,
): AsyncGenerator<R, void, undefined> {
  const { context, end } = linkContext(parent)
  const waiting = items.values()
  const running: Promise<R>[] = []
  const begin = (): void => {
    while (running.length < (parent.sizes?.atOnce ?? mostAtOnce)) {
      const next = waiting.next()
      if (next.done === true) return
      const begun = work(next.value, context)
      // Thrown when its turn comes; until then it must not count as unhandled.
      begun.catch(() => undefined)
      running.push(begun)
    }
  }
  try {
    begin()
    for (let first = running.shift(); first !== undefined; first = running.shift()) {
      const result = await first
      if (parent.sizes?.areHuge !== true) begin()
      yield result
      begin()
    }
  } finally {
    end()
    await Promise.allSettled(running)
  }
}
