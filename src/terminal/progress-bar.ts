import cliProgress from 'cli-progress'
import type { FileReadProgress } from '../pipeline/reporter.ts'

/** A bar per file that is being read: share of its bytes, records committed, records a second, time left. */
export class ProgressBar {
  readonly #multibar: cliProgress.MultiBar
  readonly #bars = new Map<
    string,
    { readonly bar: cliProgress.SingleBar; readonly startedAt: number; readonly firstRecord: number }
  >()

  constructor(stream: NodeJS.WritableStream) {
    this.#multibar = new cliProgress.MultiBar(
      {
        stream,
        format: '{label} {bar} {percentage}% | {records} records | {rate}/s | ETA {eta_formatted}',
        clearOnComplete: true,
        hideCursor: true,
      },
      cliProgress.Presets.shades_classic,
    )
  }

  /** Prints a line above the bars; false when there is none, and the caller prints it. */
  above(text: string): boolean {
    if (this.#bars.size === 0) return false
    this.#multibar.log(text)
    this.#multibar.update()
    return true
  }

  update(progress: FileReadProgress): void {
    const key = `${progress.connection} ${progress.file}`
    const { bar, startedAt, firstRecord } = this.#bars.get(key) ?? this.#begin(key, progress)
    const seconds = (performance.now() - startedAt) / 1000
    const rate = seconds > 0 ? Math.round((progress.records - firstRecord) / seconds) : 0
    bar.update(progress.bytesRead, { records: progress.records.toLocaleString('en'), rate: rate.toLocaleString('en') })
    if (progress.bytesRead < progress.sizeBytes) return
    this.#multibar.remove(bar)
    this.#bars.delete(key)
  }

  stop(): void {
    this.#multibar.stop()
  }

  #begin(key: string, progress: FileReadProgress) {
    const bar = this.#multibar.create(progress.sizeBytes, 0, { label: key, records: 0, rate: 0 })
    const begun = { bar, startedAt: performance.now(), firstRecord: progress.records }
    this.#bars.set(key, begun)
    return begun
  }
}
