import { type Answer, answerOf } from '../answer.ts'
import { refusal } from './traps.ts'

export interface SimulatedCommunity {
  /** The Travtus id. */
  readonly community_id: string
  /** The client's reference: what the community file calls community_id. */
  readonly community_external_ref: string | null
  readonly name: string
}

const pageSize = 100
const keys = ['community_id', 'community_external_ref', 'name'] as const

const shown = (community: SimulatedCommunity) => ({
  ...community,
  description: null,
  location: { latitude: '30.1', longitude: '-97.7' },
  timezone: 'America/Chicago',
  phone_number: '512-555-0100',
  email: 'community@example.test',
  status: 'active',
})

/** Communities that have all of what is asked for, 100 at a time; `after_id` counts from 1, and the last page says -1. */
export const communitiesAnswer = (
  communities: readonly SimulatedCommunity[],
  query: readonly (readonly [name: string, value: string])[],
): Answer => {
  const asked = Object.fromEntries(query)
  const given = keys.filter((key) => asked[key] !== undefined)
  if (given.length === 0) return refusal(400, 'Give at least one parameter.', 'no_search_parameters')
  const found = communities
    .map((community, index) => ({ id: index + 2, community }))
    .filter(({ community }) => given.every((key) => community[key] === asked[key]))
  if (found.length === 0) return refusal(404, 'No communities found')
  const after = found.filter(({ id }) => id > Number(asked.after_id ?? 1))
  const page = after.slice(0, pageSize)
  const lastId = after.length > pageSize ? (page.at(-1)?.id ?? -1) : -1
  return answerOf(200, JSON.stringify({ communities: page.map(({ community }) => shown(community)), last_id: lastId }))
}
