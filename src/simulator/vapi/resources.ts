import type { EpochMicros } from '../../domain/instant.ts'
import type { TimeIndex } from '../time-index.ts'

/** A call as the account keeps it: the API's own members; undefined ones are left out of every answer. */
export type VapiCall = Readonly<Record<string, unknown>>

export interface StoredCall {
  readonly id: string
  /** `createdAt` as the filters compare it. */
  readonly at: EpochMicros
  readonly updatedAt: EpochMicros
  readonly call: VapiCall
}

/** `number` is missing of some. */
export interface VapiPhoneNumber {
  readonly id: string
  readonly provider: string
  readonly number?: string
  readonly name?: string
}

/** What the account holds. */
export interface AccountState {
  readonly seed: number
  readonly now: () => EpochMicros
  readonly calls: TimeIndex<StoredCall>
  readonly callsById: Map<string, StoredCall>
  readonly numbers: Map<string, VapiPhoneNumber>
  nextOrdinal: number
}
