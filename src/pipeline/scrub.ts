import type { RejectReason } from '../domain/flattened.ts'
import { scrubSignedQueries } from '../domain/signed-query.ts'

/** A detail shows an excerpt of what was read. */
export const scrubReason = (reason: RejectReason): RejectReason => ({
  ...reason,
  detail: scrubSignedQueries(reason.detail),
})

/** Bytes beyond ASCII as characters that no white space is among: it would end a link too early. */
export const scrubBase64 = (payload: string): string => {
  const text = Buffer.from(payload, 'base64').toString('latin1')
  const shifted = text.replaceAll(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xe000 + byte.charCodeAt(0)))
  const scrubbed = scrubSignedQueries(shifted)
  const bytes = scrubbed.replaceAll(/[\ue080-\ue0ff]/g, (byte) => String.fromCharCode(byte.charCodeAt(0) - 0xe000))
  return Buffer.from(bytes, 'latin1').toString('base64')
}
