import type { Config, ConnectionConfig } from '../config/config.ts'
import { ConfigError } from '../domain/errors.ts'
import type { Identifier } from '../domain/forgotten.ts'
import { sidesOf } from '../load/own-side.ts'
import { counted } from '../terminal/counted.ts'
import { compilePhoneReader } from '../transform/phone.ts'
import type { Session } from '../warehouse/session.ts'
import { sourceOf } from './connections.ts'

/** Different numbers that call a number of unknown direction before it is taken for the property's. */
const manyCallers = 10

/** Attributes of the portfolio map whose values are numbers of the property. */
const ownAttributes = ['own_number', 'called_number']

/** Why the configuration says that the number is the property's; null = it does not. */
const configuredAsOwn = ({ connections, portfolios }: Config, number: string): string | null => {
  const listing = connections.find((connection) => listsOwn(connection, number))
  if (listing !== undefined) return `own_numbers of connection ${listing.id} lists it`
  const readPhone = compilePhoneReader(portfolios.defaultCountry)
  const rule = portfolios.rules.find(({ attribute, value }) => {
    const reading = ownAttributes.includes(attribute) ? readPhone(value.trim()) : null
    return reading?.kind === 'value' && reading.value === number
  })
  return rule === undefined ? null : `a portfolio rule for ${rule.attribute} has it`
}

const listsOwn = (connection: ConnectionConfig, number: string): boolean =>
  sourceOf(connection).ownNumbers?.includes(number) === true

/** Why the rows say so. What is a customer's in as many rows as it is ours may be a person's. */
const storedAsOwn = async (session: Session, identifier: Identifier): Promise<string | null> => {
  const { own, customer, callers } = await sidesOf(session, identifier)
  if (own > customer) return `it is on our side of ${counted(own, 'call')}, and on the customer's of ${customer}`
  return own === 0 && customer === 0 && callers >= manyCallers
    ? `${callers} different numbers called it, and no row says in which direction`
    : null
}

/**
 * Throws ConfigError for a number of the property, or the address of an agent: erasing it would erase every call of that line.
 * `isPerson`: the operator knows better than the rows; what the configuration says must be changed there.
 */
export const refuseOwn = async (
  config: Config,
  session: Session,
  identifier: Identifier,
  isPerson: boolean,
): Promise<void> => {
  const { kind, value } = identifier
  const configured = kind === 'phone' ? configuredAsOwn(config, value) : null
  const evidence = configured ?? (isPerson ? null : await storedAsOwn(session, identifier))
  if (evidence === null) return
  throw new ConfigError([
    `--${kind}: it is the property's own, not a person's: ${evidence}; nothing was erased` +
      (configured === null ? '. If it is a person all the same: --is-person' : ''),
  ])
}
