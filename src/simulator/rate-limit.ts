/** More requests than these in so many (real) seconds are too many. Null: there is no limit. */
export type RateLimit = { readonly requests: number; readonly seconds: number } | null

export interface RateVerdict {
  readonly allowed: boolean
  /** `x-ratelimit-reset` is seconds until the count starts anew, not an epoch. */
  readonly headers: Readonly<Record<string, string>>
}

/** Counts requests in real time: the account's clock may stand still. `nowMs` never goes back. */
export const createRateLimit = (): ((limit: RateLimit, nowMs: number) => RateVerdict) => {
  let began = Number.NEGATIVE_INFINITY
  let used = 0
  return (limit, nowMs) => {
    if (limit === null) return { allowed: true, headers: {} }
    if (nowMs - began >= limit.seconds * 1000) {
      began = nowMs
      used = 0
    }
    used += 1
    const reset = Math.ceil((began + limit.seconds * 1000 - nowMs) / 1000)
    const headers = {
      'x-ratelimit-limit': String(limit.requests),
      'x-ratelimit-remaining': String(Math.max(0, limit.requests - used)),
      'x-ratelimit-reset': String(reset),
    }
    return { allowed: used <= limit.requests, headers }
  }
}
