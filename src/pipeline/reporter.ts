/** Where the pipeline tells what it does; the cli turns it into log lines and a progress bar. */
export interface Reporter {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  progress(progress: FileReadProgress): void
}

export interface FileReadProgress {
  readonly connection: string
  readonly file: string
  readonly bytesRead: number
  readonly sizeBytes: number
  /** Records of this file that are committed. */
  readonly records: number
}
