import { z } from 'zod'
import { countryCode } from '../domain/country.ts'
import type { PortfolioRule } from '../domain/portfolio-rule.ts'

const text = z.string().trim().min(1)

const attributes = 'called_number, calling_number, own_number, or a map key such as queue_id'

/** Names of columns that operators know from elsewhere; no row would ever match them. */
const numberColumns = ['phone_number', 'number_dialed_by_user']

const attribute = text
  .regex(/^[a-z][a-z0-9_]*$/, `is not an attribute; allowed: ${attributes}`)
  .refine((name) => !numberColumns.includes(name), `is a column; allowed: ${attributes}`)
  .describe('What decides: called_number, calling_number, own_number, or a key of map_keys')
const value = text.describe('The value that decides; a phone number in any notation')
const connection = text.optional().describe('Id of the only connection the rule is for; default: all')

/** One rule, with the names it has in YAML and in the header of a CSV file. */
export const portfolioRule = z
  .strictObject({
    attribute,
    value,
    portfolio_id: text.describe('Travtus id of the community'),
    connection,
  })
  .transform(
    ({ attribute, value, portfolio_id, connection }): PortfolioRule => ({
      attribute,
      value,
      portfolioId: portfolio_id,
      connection: connection ?? null,
    }),
  )

/** One rule that names its community by the client's own reference, which becomes its portfolio_id only once it is looked up. */
export const referenceRule = z.strictObject({ attribute, value, community_external_ref: text, connection }).transform(
  ({ attribute, value, community_external_ref, connection }): PortfolioRule => ({
    attribute,
    value,
    portfolioId: community_external_ref,
    connection: connection ?? null,
  }),
)

export const portfolioSettings = z.strictObject({
  file: text
    .optional()
    .describe(
      'CSV file with the header attribute,value,portfolio_id and optionally connection, relative to this file. Default: portfolios.csv beside it, if there is one',
    ),
  rules: z.array(portfolioRule).default([]).describe('Rules, matched in this order and before those of the file'),
  default: text.optional().describe('Travtus id of the community of calls that no rule fits; default: none'),
  default_country: countryCode
    .optional()
    .describe('ISO 3166 code (US) of the phone numbers in rules that are written without a country code'),
})

export type PortfolioSettings = z.output<typeof portfolioSettings>
