import type { Window } from '../domain/window.ts'

/** Where the pipeline tells what it does; the cli turns it into log lines and a progress bar. */
export interface Reporter {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  progress(progress: FileReadProgress): void
  /** After every batch, and after every window. */
  windowProgress(progress: WindowReadProgress): void
}

export interface FileReadProgress {
  readonly connection: string
  readonly file: string
  readonly bytesRead: number
  readonly sizeBytes: number
  /** Records of this file that are committed. */
  readonly records: number
}

export interface WindowReadProgress {
  readonly connection: string
  readonly stream: string
  /** The one that is read, or was read last. */
  readonly window: Window
  /** Windows of the run that are read, and all of them as far as is known: a window that is halved becomes two. */
  readonly done: number
  readonly planned: number
  /** Records that this run has committed. */
  readonly records: number
}
