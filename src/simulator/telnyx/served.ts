import type { Links } from '../links.ts'
import type { Query } from '../simulated-request.ts'
import type { AccountState } from './account-state.ts'
import type { TelnyxTraps } from './traps.ts'

/** What the endpoints answer from. */
export interface Served {
  readonly account: AccountState
  readonly links: Links
  readonly storageUrl: string
  traps: TelnyxTraps
  /** Lists of recordings answered so far: each is shuffled anew. */
  listings: number
  /** Recordings that were shown as `processing` once. */
  readonly shownProcessing: Set<string>
}

/**
 * Makes the body of a 200 answer; throws RefusedRequest for any other. `id` is what stands behind the collection's path,
 * empty for the collection itself.
 */
export type Endpoint = (served: Served, query: Query, id: string) => unknown
