import cliProgress from 'cli-progress'
import type { FileReadProgress } from '../pipeline/reporter.ts'

interface Shown {
  readonly file: string
  readonly startedAt: number
  readonly firstRecord: number
  readonly multibar: cliProgress.MultiBar
  readonly bar: cliProgress.SingleBar
}

/**
 * A bar for the file that is being read (files load one after the other): share of its bytes, records committed, records
 * a second, time left. Between files the terminal is as it was: no timer, cursor shown, nothing that a later redraw would
 * wipe out.
 */
export class ProgressBar {
  readonly #stream: NodeJS.WritableStream
  #shown: Shown | null = null

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  /** Prints whole lines above the bar; false when there is none, and the caller prints them. */
  above(lines: string): boolean {
    if (this.#shown === null) return false
    this.#shown.multibar.log(lines)
    this.#shown.multibar.update()
    return true
  }

  update(progress: FileReadProgress): void {
    if (progress.bytesRead >= progress.sizeBytes) {
      this.stop()
      return
    }
    const { bar, startedAt, firstRecord } = this.#shownFor(progress)
    const seconds = (performance.now() - startedAt) / 1000
    const rate = seconds > 0 ? Math.round((progress.records - firstRecord) / seconds) : 0
    bar.update(progress.bytesRead, { records: progress.records.toLocaleString('en'), rate: rate.toLocaleString('en') })
  }

  /** Wipes the bar; the next progress shows one again. */
  stop(): void {
    this.#shown?.multibar.stop()
    this.#shown = null
  }

  #shownFor(progress: FileReadProgress): Shown {
    const file = `${progress.connection} ${progress.file}`
    if (this.#shown?.file === file) return this.#shown
    this.stop()
    const multibar = new cliProgress.MultiBar(
      {
        stream: this.#stream,
        format: '{label} {bar} {percentage}% | {records} records | {rate}/s | ETA {eta_formatted}',
        clearOnComplete: true,
        hideCursor: true,
        // Lines printed above move the bar down, where it must be drawn again though it says the same.
        forceRedraw: true,
      },
      cliProgress.Presets.shades_classic,
    )
    const bar = multibar.create(progress.sizeBytes, 0, { label: file, records: 0, rate: 0 })
    this.#shown = { file, startedAt: performance.now(), firstRecord: progress.records, multibar, bar }
    return this.#shown
  }
}
