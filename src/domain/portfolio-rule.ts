/** One line of the portfolio map: a call whose `attribute` has `value` belongs to the community `portfolioId`. The first rule that fits wins. */
export interface PortfolioRule {
  /** `called_number`, `calling_number`, `own_number`, or a key of `map_keys` (`queue_id`). */
  readonly attribute: string
  /** As the operator wrote it: phone numbers are normalised where the map is built. */
  readonly value: string
  /** The Travtus id of the community. */
  readonly portfolioId: string
  /** Id of the only connection the rule is for; null = all. */
  readonly connection: string | null
}
