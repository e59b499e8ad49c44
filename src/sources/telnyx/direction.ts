import type { Direction, Stated } from '../../domain/recording-row.ts'

/** Numbers that are the account's own. */
export interface OwnNumbers {
  readonly has: (number: string) => boolean
  /**
   * A number that is not among them never was ours. False of the account's list: a number that was released since must not
   * clear what is known of its calls.
   */
  readonly complete: boolean
}

/**
 * Direction by whose number is called: ours called = inbound, ours calling = outbound. Both or neither is null where the
 * operator listed the numbers, and undefined otherwise.
 */
export const directionByNumbers = (
  from: Stated<string>,
  to: Stated<string>,
  own: OwnNumbers | null,
): Stated<Direction> => {
  if (own === null) return undefined
  const calls = typeof from === 'string' && own.has(from)
  const isCalled = typeof to === 'string' && own.has(to)
  if (calls !== isCalled) return isCalled ? 'inbound' : 'outbound'
  return own.complete && from !== undefined && to !== undefined ? null : undefined
}
