import type { FileStream } from './source.ts'

/** A source with the settings of one connection: what its schema makes of what the operator wrote. */
export class ConfiguredSource {
  readonly #open: (folder: string) => FileStream

  constructor(open: (folder: string) => FileStream) {
    this.#open = open
  }

  /** `folder`: absolute; relative paths in the settings start there. Throws ConfigError. */
  stream(folder: string): FileStream {
    return this.#open(folder)
  }
}
