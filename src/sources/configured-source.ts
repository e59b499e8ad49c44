import type { RetryLimits } from './http/retry-limits.ts'
import type { ApiSource, FileStream } from './source.ts'

/** Where the settings were written. */
export interface SourcePlace {
  /** For messages: every error names its connection. */
  readonly connectionId: string
  /** Absolute; relative paths in the settings start there. */
  readonly folder: string
  /** For tests: shorter waits between the attempts of a request. */
  readonly retry?: Partial<RetryLimits> | undefined
}

/** A source with the settings of one connection: what its schema makes of what the operator wrote. */
export class ConfiguredSource {
  readonly #open: (place: SourcePlace) => FileStream | ApiSource

  constructor(open: (place: SourcePlace) => FileStream | ApiSource) {
    this.#open = open
  }

  /** Throws ConfigError. */
  open(place: SourcePlace): FileStream | ApiSource {
    return this.#open(place)
  }
}
