import type { RejectReason } from '../domain/flattened.ts'
import { scrubSignedQueries } from '../domain/signed-query.ts'
import { inBase64 } from '../transform/in-base64.ts'

/** A detail shows an excerpt of what was read. */
export const scrubReason = (reason: RejectReason): RejectReason => ({
  ...reason,
  detail: scrubSignedQueries(reason.detail),
})

export const scrubBase64 = (payload: string): string => inBase64(payload, scrubSignedQueries)
