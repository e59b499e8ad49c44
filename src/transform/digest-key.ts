import { createHmac } from 'node:crypto'
import type { DigestKind } from '../domain/forgotten.ts'
import type { Secret } from '../domain/secret.ts'

/** Makes keyed digests: without the secret nobody can tell whose number a digest is of, however few numbers there are. */
export interface DigestKey {
  /** Tells secrets apart, and nothing of them. */
  readonly fingerprint: string
  /** HMAC-SHA-256, hex. Of one text it differs by kind. */
  digest(kind: DigestKind, text: string): string
}

/**
 * FROZEN FOR EVER: HMAC-SHA-256 over `<kind> U+0000 <text>`. Any other result would let everybody back in who was forgotten.
 */
export const createDigestKey = (secret: Secret): DigestKey => {
  const key = secret.reveal()
  const hmac = (kind: string, text: string): string =>
    createHmac('sha256', key).update(`${kind}\0${text}`, 'utf8').digest('hex')
  return { fingerprint: hmac('fingerprint', 'reelhouse').slice(0, 16), digest: hmac }
}
