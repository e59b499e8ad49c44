/** One configured account of one source, as the pipeline sees it: settings are the source's own business. */
export interface ConnectionIdentity {
  /** The operator's name for it. */
  readonly id: string
  readonly source: string
}
