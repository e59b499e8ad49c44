/**
 * Errors are named by what the caller does next. Messages are for the operator: which connection, which window or file,
 * which key or field, what to do next. They never hold a secret or a signed query string.
 */
export class ReelhouseError extends Error {
  override readonly name: string = 'ReelhouseError'
}

/** The operator must change configuration, credentials or schema; retrying cannot help. Exit code 2. */
export class ConfigError extends ReelhouseError {
  override readonly name = 'ConfigError'
  /** Every problem found, each complete in itself. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems
  }
}

/** Worth another try later: network, overload, lost session. Exit code 1 when retries are exhausted. */
export class TransientError extends ReelhouseError {
  override readonly name = 'TransientError'
}

/** The source (a vendor's answer, a dump file) is not what it claims to be. The window or file fails. Exit code 1. */
export class SourceProtocolError extends ReelhouseError {
  override readonly name: string = 'SourceProtocolError'
}

/** An answer is beyond what may be held in memory: the caller asks for a smaller page. Uncaught it fails the window. */
export class ResponseTooLarge extends SourceProtocolError {
  override readonly name = 'ResponseTooLarge'
}

/** What came in every attempt was no answer: cut off, or a page of HTML. Nothing is known of what was asked for. */
export class UnreadableAnswer extends SourceProtocolError {
  override readonly name = 'UnreadableAnswer'
}

/** The warehouse refused or lost a batch for a reason that a retry did not cure. Exit code 1. */
export class LoadError extends ReelhouseError {
  override readonly name = 'LoadError'
}

/** Another process holds the lock. Exit code 75 (EX_TEMPFAIL): the scheduler simply tries again. */
export class LockHeldError extends ReelhouseError {
  override readonly name = 'LockHeldError'
}

/** The window cannot be proven complete as one: the caller halves it and reads the halves. At the floor it has failed. */
export class WindowTooLarge extends ReelhouseError {
  override readonly name = 'WindowTooLarge'
}
