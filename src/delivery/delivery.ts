/** A file that is about to be delivered. */
export interface OutgoingFile {
  /** Where it is to be found; a file that has the same key already is replaced. */
  readonly key: string
  readonly exportId: number
  /** Of two processes that write the same file, one is stopped by the ledger: until then they must not share a draft. */
  readonly attempt: number
}

export interface StagedFile {
  readonly bytes: number
  /** All of it, at once: whoever looks under its key sees what was there before, or this file, never a part. */
  publish(): Promise<void>
  /** Takes back what was staged and will not be published. */
  discard(): Promise<void>
}

/** How files get to Travtus. Between `stage` and `publish` the ledger notes the rows of the file. */
export interface Delivery {
  /**
   * Brings the content to its destination, safe from a crash, where nobody takes it for a delivered file. Throws ConfigError
   * when the operator must change something, TransientError when the next run may succeed; then nothing is left.
   */
  stage(file: OutgoingFile, content: AsyncIterable<Buffer>): Promise<StagedFile>
}
