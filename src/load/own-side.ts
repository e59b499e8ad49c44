import type { Identifier } from '../domain/forgotten.ts'
import type { Session } from '../warehouse/session.ts'

/** On which side of calls a number or an address stands, in the rows of all connections. */
export interface Sides {
  /** Rows in which it is the property's: dialed on inbound calls, calling or writing on outbound ones. */
  readonly own: number
  /** Rows in which it is the customer's. */
  readonly customer: number
  /** Different numbers that called it where the direction is unknown. */
  readonly callers: number
}

const none: Sides = { own: 0, customer: 0, callers: 0 }

const sides = `
  select
    count(*) filter (
      where message_direction = 'inbound' and number_dialed_by_user = $1 and phone_number is distinct from $1
        or message_direction = 'outbound' and phone_number = $1 and number_dialed_by_user is distinct from $1
    ) as own,
    count(*) filter (
      where message_direction = 'inbound' and phone_number = $1 and number_dialed_by_user is distinct from $1
        or message_direction = 'outbound' and number_dialed_by_user = $1 and phone_number is distinct from $1
    ) as customer,
    count(distinct phone_number) filter (where message_direction is null and number_dialed_by_user = $1) as callers
  from reelhouse.call_recordings
  where phone_number = $1 or number_dialed_by_user = $1`

/** An agent's address is the sender's of outbound calls. */
const emailSides = `
  select
    count(*) filter (where message_direction = 'outbound') as own,
    count(*) filter (where message_direction = 'inbound') as customer,
    0 as callers
  from reelhouse.call_recordings
  where lower(trim(email_address)) = $1`

export const sidesOf = async (session: Session, { kind, value }: Identifier): Promise<Sides> => {
  if (kind === 'conversation') return none
  const { rows } = await session.client.query<Sides>(kind === 'phone' ? sides : emailSides, [value])
  return rows[0] ?? none
}
