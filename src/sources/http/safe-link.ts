import { isLoopback } from '../../domain/base-url.ts'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { SourcePlace } from '../configured-source.ts'
import type { PlayableLink, ReadContext, RowRef } from '../source.ts'
import { isPrivateHost } from './private-address.ts'

/** Where links that a vendor gives may lead. */
export interface LinkRules {
  /** Where the operator says that the API is: a link may stay on this machine, or do without TLS, when it does. */
  readonly baseUrl: URL
  /** Setting `internal_links`: links into the own network, and without TLS. */
  readonly internal: boolean
}

const allowing = 'set internal_links: true when it belongs there'

/** Why a link is not used; null = it may be. Its host is the most that is said of it: the rest opens what it leads to. */
export const linkProblem = (link: string, { baseUrl, internal }: LinkRules): string | null => {
  if (!URL.canParse(link)) return 'is no web address'
  const url = new URL(link)
  const { protocol, hostname, username, password } = url
  if (protocol !== 'https:' && protocol !== 'http:') return `leads to no web address (${protocol})`
  if (username !== '' || password !== '') return 'has a user or password in it'
  if (internal) return null
  const stays = isLoopback(baseUrl.hostname) && isLoopback(hostname)
  if (!stays && isPrivateHost(url)) return `leads into a private network (${hostname}); ${allowing}`
  if (protocol === 'http:' && baseUrl.protocol !== 'http:') return `leads to ${hostname} without TLS; ${allowing}`
  return null
}

type Resolve = (ref: RowRef, context: ReadContext) => Promise<PlayableLink>

/**
 * `resolve` of a source, which hands out no other links than these, in the spelling of the URL standard: no control character
 * of one reaches a terminal. It throws SourceProtocolError for any other.
 *
 * Names are not resolved here: whoever connects does that. Where we connect ourselves, `requestDirectly` refuses.
 */
export const handingOut =
  (rules: LinkRules, { connectionId }: SourcePlace, resolve: Resolve): Resolve =>
  async (ref, context) => {
    const link = await resolve(ref, context)
    const problem = linkProblem(link.url, rules)
    if (problem === null) return { ...link, url: new URL(link.url).href }
    throw new SourceProtocolError(
      `connection ${connectionId}: the link to recording ${ref.messageId} ${problem}; it is not handed out`,
    )
  }
