import { ConfigError } from '../../domain/errors.ts'
import type { Community } from '../../travtus/answer.ts'
import { openTravtus, type TravtusApi } from '../../travtus/api.ts'
import { type CommunityKey, findCommunities } from '../../travtus/find-communities.ts'
import type { Command } from '../command.ts'

/** Throws ConfigError when the configuration has no credentials. */
export const travtusOf = ({ config: { travtus } }: Command): TravtusApi => {
  if (travtus !== null) return openTravtus(travtus)
  throw new ConfigError([
    'no credentials for Travtus are configured; write travtus.client_id and travtus.client_secret (config/examples)',
  ])
}

/** What Travtus knows under each of the values, asked for once. */
export const communitiesBy = async (
  command: Command,
  travtus: TravtusApi,
  key: CommunityKey,
  values: readonly string[],
): Promise<ReadonlyMap<string, readonly Community[]>> => {
  const context = { signal: command.signal, notice: (message: string) => command.log.warn(message) }
  const found = new Map<string, readonly Community[]>()
  for (const value of new Set(values)) found.set(value, await findCommunities(travtus, key, value, context))
  return found
}
