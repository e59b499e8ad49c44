import type { DigestKind, ForgottenDigest } from '../domain/forgotten.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { createBoundedCache } from './bounded-cache.ts'
import type { DigestKey } from './digest-key.ts'

/** Until when a digest keeps out, by the connection whose rows it is about; null = all of them. */
type CutOffs = ReadonlyMap<number | null, EpochMicros>

const none: CutOffs = new Map()

const distinctTexts = 20_000

/** Whom and what was forgotten, as one run knows it: digests only, asked by what a record says. */
export class ForgottenSet {
  readonly #keys: readonly DigestKey[]
  readonly #cutOffs = new Map<DigestKind, Map<string, Map<number | null, EpochMicros>>>()
  /** A number that calls every day is digested once. Ids of records are all different. */
  #known = createBoundedCache<CutOffs>(distinctTexts)

  /** Today's key and those before it: a digest was made with any of them. */
  constructor(keys: readonly DigestKey[]) {
    this.#keys = keys
  }

  get isEmpty(): boolean {
    return this.#cutOffs.size === 0
  }

  add(digests: readonly ForgottenDigest[]): void {
    if (digests.length === 0) return
    for (const { kind, digest, connectionKey, cutOff } of digests) {
      const ofKind = this.#cutOffs.get(kind) ?? new Map<string, Map<number | null, EpochMicros>>()
      const cutOffs = ofKind.get(digest) ?? new Map<number | null, EpochMicros>()
      cutOffs.set(connectionKey, Math.max(cutOff, cutOffs.get(connectionKey) ?? cutOff))
      this.#cutOffs.set(kind, ofKind.set(digest, cutOffs))
    }
    this.#known = createBoundedCache(distinctTexts)
  }

  /** Whether the record of this connection's rows was erased, whenever it began. */
  holdsRecord(connectionKey: number, recordId: string): boolean {
    const digests = this.#cutOffs.get('record')
    if (digests === undefined) return false
    const cutOffs = this.#find(digests, 'record', recordId)
    return cutOffs.has(connectionKey) || cutOffs.has(null)
  }

  /**
   * Whether what began at this time is to stay out, for it belongs to a person who was forgotten. What does not say when it
   * began cannot show that it is later.
   */
  holds(
    kind: Exclude<DigestKind, 'record'>,
    text: string,
    connectionKey: number,
    beganAt: EpochMicros | null,
  ): boolean {
    const cutOffs = this.#cutOffsOf(kind, text)
    if (cutOffs.size === 0) return false
    const cutOff = Math.max(cutOffs.get(connectionKey) ?? 0, cutOffs.get(null) ?? 0)
    return cutOff > 0 && (beganAt === null || beganAt < cutOff)
  }

  #cutOffsOf(kind: Exclude<DigestKind, 'record'>, text: string): CutOffs {
    const digests = this.#cutOffs.get(kind)
    if (digests === undefined) return none
    const name = `${kind}\0${text}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const cutOffs = this.#find(digests, kind, text)
    this.#known.set(name, cutOffs)
    return cutOffs
  }

  /** Of one who was forgotten twice, before and after the secret changed, the later instant counts. */
  #find(digests: ReadonlyMap<string, CutOffs>, kind: DigestKind, text: string): CutOffs {
    const found = this.#keys.flatMap((key) => [...(digests.get(key.digest(kind, text)) ?? none)])
    return found.length < 2 ? new Map(found) : new Map(found.toSorted(([, a], [, b]) => a - b))
  }
}
