import type { ConnectionIdentity } from '../domain/connection.ts'
import type { PortfolioOf } from '../domain/recording-row.ts'
import type { RunCommand } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import type { Window } from '../domain/window.ts'
import type { DigestKey } from '../transform/digest-key.ts'
import type { Session } from '../warehouse/session.ts'
import type { Forgotten } from './forgotten.ts'

export interface LoaderOptions {
  /** Loads and reads. */
  readonly session: Session
  /** Opens another one, for every other batch of a file. Absent: one does all. */
  readonly openSecond?: (() => Promise<Session>) | undefined
  /** Holds the locks, so that they outlive a lost load session: another one. */
  readonly lockSession: Session
  readonly invocationId: string
  readonly connection: ConnectionIdentity
  /** The connection whose key the rows get; null = this one. */
  readonly into: ConnectionIdentity | null
  readonly stream: string
  readonly command: RunCommand
  /** The range of a backfill: one of the same at a time. */
  readonly range?: Window
  readonly authoritative: boolean
  readonly reached: StepObserver
  readonly portfolioOf: PortfolioOf
  /** Takes secrets and signed queries out of a text: errors, what is kept of records, and why they were rejected. */
  readonly redact: (text: string) => string
  /** Whether a text, as UTF-8, has one of these secrets in it. Absent: whether anything would be taken out of it. */
  readonly holdsSecret?: (bytes: Buffer) => boolean
  /** Of the secrets that persons were forgotten with, today's first. Absent: nobody may have been. */
  readonly digestKeys?: readonly DigestKey[]
  readonly signal: AbortSignal
}

/** The options, with the keys under which the warehouse knows the two connections. */
export interface OpenedLoader extends LoaderOptions {
  readonly connectionKey: number
  readonly rowConnectionKey: number
  readonly forgotten: Forgotten
}
