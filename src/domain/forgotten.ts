import type { EpochMicros } from './instant.ts'

/** By what the operator names a person. */
export type IdentifierKind = 'phone' | 'email' | 'conversation'

/** A person who is to be forgotten: E.164, an address in lower case, or the id of a conversation. */
export interface Identifier {
  readonly kind: IdentifierKind
  readonly value: string
}

/** What is kept a keyed digest of. `digits`: of a number as a text may write it. `record`: its id, or its key in quarantine. */
export type DigestKind = IdentifierKind | 'digits' | 'record'

export interface Digest {
  readonly kind: DigestKind
  /** HMAC-SHA-256, hex. */
  readonly digest: string
}

/** A digest as it is stored. */
export interface ForgottenDigest extends Digest {
  /** Which secret it was made with. */
  readonly fingerprint: string
  /** The connection whose rows it is about; null = all of them. */
  readonly connectionKey: number | null
  /** What began before it stays out. Of a record: it stays out whenever it began. */
  readonly cutOff: EpochMicros
}
