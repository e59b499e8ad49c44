import { renderTable } from '../../terminal/table.ts'
import type { Command } from '../command.ts'
import { communitiesBy, travtusOf } from './ask-travtus.ts'

/** One portfolio id of the map, as Travtus knows it. */
export interface CheckedCommunity {
  readonly portfolio_id: string
  /** Where the map first names it. */
  readonly written_at: string
  /** Null: Travtus knows no community of that id. */
  readonly community: {
    readonly name: string | null
    readonly community_external_ref: string | null
    readonly status: string | null
  } | null
  /** What to write instead: Travtus ids of communities whose external reference it is. */
  readonly reference_of: readonly string[]
}

/** Portfolio ids of rules and default, each with the first place that names it. */
const namedIds = ({ config: { portfolios } }: Command): ReadonlyMap<string, string> => {
  const named = new Map<string, string>()
  portfolios.rules.forEach(({ portfolioId }, index) => {
    if (!named.has(portfolioId)) named.set(portfolioId, portfolios.places[index] ?? '')
  })
  if (portfolios.default !== null && !named.has(portfolios.default)) named.set(portfolios.default, 'portfolios.default')
  return named
}

/**
 * Asks Travtus for every community of the map. For an id that it does not know, by external reference, too: `community_id` in the
 * community file is that reference, in the API it is the Travtus id, and the two are easily taken for each other.
 */
export const checkCommunities = async (command: Command): Promise<readonly CheckedCommunity[]> => {
  const travtus = travtusOf(command)
  const named = namedIds(command)
  const byId = await communitiesBy(command, travtus, 'community_id', [...named.keys()])
  const unknown = [...named.keys()].filter((id) => byId.get(id)?.length === 0)
  const byReference = await communitiesBy(command, travtus, 'community_external_ref', unknown)
  return Array.from(named, ([id, place]) => {
    const [found] = byId.get(id) ?? []
    const community =
      found === undefined ? null : { name: found.name, community_external_ref: found.externalRef, status: found.status }
    return {
      portfolio_id: id,
      written_at: place,
      community,
      reference_of: (byReference.get(id) ?? []).map((other) => other.id),
    }
  })
}

/** What is wrong with an id, for the log; null for a known one. */
export const communityProblem = ({
  portfolio_id,
  written_at,
  community,
  reference_of,
}: CheckedCommunity): string | null => {
  if (community !== null) return null
  const advice =
    reference_of.length === 0
      ? 'write the Travtus id of the community'
      : `it is the external reference of ${reference_of.join(' and ')}: write that`
  return `${written_at}: Travtus knows no community with the id ${JSON.stringify(portfolio_id)}; ${advice}`
}

export const communitiesText = (checked: readonly CheckedCommunity[]): string =>
  renderTable(
    ['portfolio', 'name at Travtus', 'external reference', 'status'],
    checked.map(({ portfolio_id, community }) =>
      community === null
        ? [portfolio_id, '(unknown)', null, null]
        : [portfolio_id, community.name, community.community_external_ref, community.status],
    ),
  )
