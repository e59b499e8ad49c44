import type { PortfolioGroup } from '../domain/portfolio-group.ts'
import type { Session } from '../warehouse/session.ts'

/** Which numbers of customers the map reads, too: without them there are as many groups as numbers of ours, not of theirs. */
export interface CustomerNumbers {
  readonly calling: boolean
  readonly called: boolean
}

const declareGroups = `
  declare portfolio_groups no scroll cursor for
  select c.connection_id, g.*
  from (
    select
      connection_key,
      portfolio_id,
      stated_portfolio_id,
      message_direction,
      case when $1 or message_direction = 'outbound' then phone_number end as phone_number,
      case when $2 or message_direction is distinct from 'outbound' then number_dialed_by_user end as number_dialed_by_user,
      map_keys,
      count(*) as rows
    from reelhouse.call_recordings
    where deleted_at is null
    group by 1, 2, 3, 4, 5, 6, 7
  ) g
  join reelhouse.connections c using (connection_key)
  order by g.rows desc`

/** The largest first. Read as one snapshot, some at a time: memory stays flat however many there are. */
export async function* portfolioGroups(
  session: Session,
  { calling, called }: CustomerNumbers,
): AsyncGenerator<PortfolioGroup, void, undefined> {
  const { client } = session
  await client.query('begin read only')
  try {
    await client.query(declareGroups, [calling, called])
    for (;;) {
      const { rows } = await client.query<PortfolioGroup>('fetch 2000 from portfolio_groups')
      if (rows.length === 0) return
      yield* rows
    }
  } finally {
    await client.query('rollback')
  }
}
