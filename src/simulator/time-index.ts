import type { EpochMicros } from '../domain/instant.ts'

interface Timed {
  readonly at: EpochMicros
}

/** Things in order of their time, ties in order of arrival. Finds a range of hundreds of thousands without a walk. */
export interface TimeIndex<T extends Timed> {
  insert(items: readonly T[]): void
  remove(item: T): void
  /** Both bounds inclusive. */
  between(from: EpochMicros, to: EpochMicros): readonly T[]
  all(): readonly T[]
}

/** How many lie before `at`; with `through`, at it too. */
const countBefore = (items: readonly Timed[], at: EpochMicros, through: boolean): number => {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const found = items[middle]?.at ?? Number.POSITIVE_INFINITY
    if (found < at || (through && found === at)) low = middle + 1
    else high = middle
  }
  return low
}

export const createTimeIndex = <T extends Timed>(): TimeIndex<T> => {
  let items: T[] = []
  const insert = (added: readonly T[]): void => {
    const [only] = added
    if (added.length === 1 && only !== undefined) items.splice(countBefore(items, only.at, true), 0, only)
    else items = items.concat(added).sort((a, b) => a.at - b.at)
  }
  const remove = (item: T): void => {
    const at = items.indexOf(item, countBefore(items, item.at, false))
    if (at !== -1) items.splice(at, 1)
  }
  return {
    insert,
    remove,
    between: (from, to) => items.slice(countBefore(items, from, false), countBefore(items, to, true)),
    all: () => items,
  }
}
