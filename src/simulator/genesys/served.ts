import type { Answer } from '../answer.ts'
import type { AccountState, StoredConversation } from './account-state.ts'
import type { Links } from './links.ts'
import type { GenesysTraps } from './traps.ts'

export interface Job {
  readonly conversations: readonly StoredConversation[]
  questions: number
  /** All results were read: who asks for its state then is told that it has expired. */
  isRead: boolean
  isOver: boolean
}

/** What the endpoints answer from. */
export interface Served {
  readonly account: AccountState
  readonly links: Links
  traps: GenesysTraps
  readonly jobs: Map<string, Job>
  /** (3) The conversation that the pages behind the first do not show. */
  hidden: string | null
  answered: number
}

export interface EndpointRequest {
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly body: unknown
  /** What stands in the path for each blank. */
  readonly parts: readonly string[]
}

/** Throws Refused for anything but a true answer. */
export type Endpoint = (served: Served, request: EndpointRequest) => Answer

export const parameterOf = ({ query }: EndpointRequest, name: string): string | null =>
  query.find(([each]) => each === name)?.[1] ?? null
