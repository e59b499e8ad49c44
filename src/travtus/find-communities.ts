import { SourceProtocolError } from '../domain/errors.ts'
import { tokenPages } from '../sources/http/token-pages.ts'
import type { ReadContext } from '../sources/source.ts'
import { type Community, communitiesIn, errorTypeOf } from './answer.ts'
import type { TravtusApi } from './api.ts'

/** By the Travtus id, or by the client's own reference. */
export type CommunityKey = 'community_id' | 'community_external_ref'

const what = 'travtus: GET /communities/'

const misread = (problem: string): SourceProtocolError =>
  new SourceProtocolError(`${what}: ${problem}; check base_url; if it is right the API has changed: report it`)

const keyOf = (community: Community, key: CommunityKey): string | null =>
  key === 'community_id' ? community.id : community.externalRef

/**
 * Communities that Travtus knows by a key; none for one that it does not know. No route lists all of them. Throws
 * SourceProtocolError for an answer that shows others than were asked for: it must not pass for knowledge of this one.
 */
export const findCommunities = async (
  { ask }: TravtusApi,
  key: CommunityKey,
  value: string,
  context: ReadContext,
): Promise<readonly Community[]> => {
  const askPage = async (after: string | null) => {
    const query = [[key, value] as const, ...(after === null ? [] : [['after_id', after] as const])]
    const answer = await ask({ path: '/communities/', query, accept: [404] }, context)
    if (answer.status === 404) {
      // A proxy or a wrong base_url knows no community at all: that says nothing of this one.
      if (errorTypeOf(answer.body) === null) throw misread('it is not there (404)')
      return { items: [], nextToken: null, answer }
    }
    const listed = communitiesIn(answer.body)
    if (listed === null) throw misread('the answer is no list of communities')
    return { items: listed.communities, nextToken: listed.next, answer }
  }
  const found: Community[] = []
  for await (const { items } of tokenPages({ what, idOf: ({ id }: Community) => id, atFloor: true, ask: askPage }))
    found.push(...items)
  if (found.some((community) => keyOf(community, key)?.toLowerCase() !== value.toLowerCase()))
    throw misread(`it shows other communities than ${key} asked for`)
  return [...new Map(found.map((community) => [community.id, community])).values()]
}
