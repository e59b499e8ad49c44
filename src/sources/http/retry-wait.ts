import { DateTime } from 'luxon'
import type { EpochMicros } from '../../domain/instant.ts'
import type { HttpSettings } from './http-client.ts'

/** An HTTP date header as an instant; null when there is none that can be read. */
export const headerInstant = (headers: Headers, name: string): EpochMicros | null => {
  const date = DateTime.fromHTTP(headers.get(name) ?? '')
  return date.isValid ? date.toMillis() * 1000 : null
}

const decimal = (text: string | null): number | null =>
  text !== null && /^\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : null

/** A date is measured against the answer's own `Date`: the vendor's clock may differ from ours. */
const untilDate = (headers: Headers): number | null => {
  const date = headerInstant(headers, 'Retry-After')
  if (date === null) return null
  return (date - (headerInstant(headers, 'Date') ?? Date.now() * 1000)) / 1000
}

const inHeaders = (headers: Headers): number | null => {
  const seconds = decimal(headers.get('Retry-After'))
  return decimal(headers.get('Retry-After-Ms')) ?? (seconds === null ? untilDate(headers) : seconds * 1000)
}

/** Milliseconds that a refusal asks to wait; null when it asks for none. The reset of a limit is its wish only with 429. */
export const requestedWait = (status: number, headers: Headers, settings: HttpSettings): number | null => {
  const wait = inHeaders(headers) ?? (status === 429 ? settings.rateLimit?.(headers).resetMs : null) ?? null
  return wait !== null && Number.isFinite(wait) && wait > 0 ? wait : null
}

/** Before attempt n + 1, in milliseconds; up to a quarter less, so that connections do not come back at once. */
export const backoff = (attempt: number, firstDelayMs: number): number =>
  firstDelayMs * 2 ** (attempt - 1) * (1 - Math.random() / 4)
