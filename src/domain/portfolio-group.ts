import type { MappedColumns } from './recording-row.ts'

/** Living rows of one connection that the portfolio map cannot tell apart, and what is stored in them. */
export interface PortfolioGroup extends MappedColumns {
  readonly connection_id: string
  readonly portfolio_id: string | null
  readonly rows: number
}
