/**
 * One attempt brought no answer. It does not leave the client: when attempts are over it becomes a TransientError, or an
 * UnreadableAnswer when that is what came.
 */
export class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed'
  readonly kind: 'transient' | 'unreadable'
  /** Whether another attempt may help. */
  readonly again: boolean
  /** Milliseconds the vendor asks to wait; null = it does not say. */
  readonly waitMs: number | null

  /** `what` came instead of an answer, for messages; no secrets. */
  constructor(
    what: string,
    { kind, again, waitMs }: { kind: 'transient' | 'unreadable'; again?: boolean; waitMs?: number | null },
  ) {
    super(what)
    this.kind = kind
    this.again = again ?? true
    this.waitMs = waitMs ?? null
  }
}
