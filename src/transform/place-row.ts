import type { PlacedRow, RecordingRow } from '../domain/recording-row.ts'
import type { PortfolioColumns } from './portfolio-rules.ts'

/** Everything that the portfolio map may read is stated: the row is placed without a look at what is stored. */
const isWhole = (row: RecordingRow): boolean => {
  if (row.phone_number === undefined || row.number_dialed_by_user === undefined) return false
  if (row.message_direction === undefined) return false
  for (const key in row.map_keys) if (row.map_keys[key] === undefined) return false
  return true
}

/** The row as it is to be loaded, with its portfolio by today's map. */
export const placeRow = (portfolioOf: (row: PortfolioColumns) => string | null, row: RecordingRow): PlacedRow => {
  const stated = row.portfolio_id
  const portfolio = portfolioOf({
    stated_portfolio_id: stated,
    phone_number: row.phone_number,
    number_dialed_by_user: row.number_dialed_by_user,
    message_direction: row.message_direction,
    map_keys: row.map_keys,
  })
  const decided = typeof stated === 'string' || (stated === null && isWhole(row))
  return {
    ...row,
    stated_portfolio_id: stated,
    portfolio_id: decided ? portfolio : undefined,
    portfolio_if_new: portfolio,
  }
}
