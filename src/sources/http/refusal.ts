import { ConfigError, type ReelhouseError, SourceProtocolError } from '../../domain/errors.ts'
import { AttemptFailed } from './attempt-failed.ts'
import type { Exchanged } from './exchange.ts'
import type { HttpSettings } from './http-client.ts'
import { readRefusal } from './read-body.ts'
import { requestedWait } from './retry-wait.ts'

export interface Asked {
  readonly settings: HttpSettings
  /** Of the request, for messages. */
  readonly shown: string
  readonly url: URL
  /** Makes a vendor's text fit for messages. */
  readonly quote: (text: string) => string
}

/** The vendor's `X-Should-Retry` cannot ask for these: another attempt gets the same answer, or locks the account. */
const neverRetried: readonly number[] = [401, 403, 404]

/** Overload and faults behind a proxy, Cloudflare's 520 to 530 among them; 501 and 505 are for ever. */
const isTransient = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)

const isRetried = (status: number, headers: Headers): boolean => {
  const wish = headers.get('X-Should-Retry')?.trim().toLowerCase()
  if (wish === 'false' || status < 400 || neverRetried.includes(status)) return false
  return wish === 'true' || isTransient(status)
}

const statusText = ({ settings, quote }: Asked, { status, bytes }: Exchanged): string => {
  const said = settings.explain?.(readRefusal(bytes)) ?? null
  return said === null ? `${status}` : `${status}: ${quote(said)}`
}

const unauthorised = (asked: Asked, answer: Exchanged): ConfigError => {
  const { connectionId, vendor, credential } = asked.settings
  const what =
    answer.status === 401
      ? `${vendor} refuses ${credential} (${statusText(asked, answer)}); put a valid key into ${credential}`
      : `${vendor} does not let ${credential} ${asked.shown} (${statusText(asked, answer)}); give the key that right, ` +
        `or put one that has it into ${credential}`
  return new ConfigError([`connection ${connectionId}: ${what}`])
}

const hostOf = (location: string | null, url: URL): string =>
  location !== null && URL.canParse(location, url.href) ? new URL(location, url).host : 'an unknown host'

const redirected = (asked: Asked, { status, headers }: Exchanged): SourceProtocolError => {
  const { connectionId, vendor } = asked.settings
  const host = asked.quote(hostOf(headers.get('Location'), asked.url))
  return new SourceProtocolError(
    `connection ${connectionId}: ${vendor} redirects ${asked.shown} (${status}) to ${host}; it was not followed, as ` +
      'credentials never cross to another address; correct base_url if the API has moved',
  )
}

/** What an answer that is none becomes: AttemptFailed when another attempt may help or might have. */
export const refusal = (asked: Asked, answer: Exchanged): AttemptFailed | ReelhouseError => {
  const { status, headers } = answer
  const { settings, shown } = asked
  const again = isRetried(status, headers)
  if (again || isTransient(status)) {
    const waitMs = requestedWait(status, headers, settings)
    return new AttemptFailed(statusText(asked, answer), { kind: 'transient', again, waitMs })
  }
  if (status === 401 || status === 403) return unauthorised(asked, answer)
  if (status >= 300 && status < 400) return redirected(asked, answer)
  return new SourceProtocolError(
    `connection ${settings.connectionId}: ${settings.vendor} refuses ${shown} (${statusText(asked, answer)}); check ` +
      'base_url and the settings of the connection; if they are right the API has changed: report it',
  )
}
