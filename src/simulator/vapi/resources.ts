import type { EpochMicros } from '../../domain/instant.ts'

/** A call as the account keeps it: the API's own members; undefined ones are left out of every answer. */
export type VapiCall = Readonly<Record<string, unknown>>

export interface StoredCall {
  readonly id: string
  /** As the filters compare them. */
  readonly createdAt: EpochMicros
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
  readonly calls: Map<string, StoredCall>
  readonly numbers: Map<string, VapiPhoneNumber>
  nextOrdinal: number
}
