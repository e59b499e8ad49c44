import cliProgress from 'cli-progress'
import type { FileReadProgress, WindowReadProgress } from '../pipeline/reporter.ts'
import { formatInstant } from '../transform/instant.ts'

interface Shown {
  readonly label: string
  readonly startedAt: number
  readonly firstRecord: number
  readonly bar: cliProgress.SingleBar
}

/** One step forward of what a connection reads. */
interface Step {
  readonly connection: string
  readonly label: string
  readonly done: number
  readonly total: number
  readonly records: number
}

/**
 * A bar for each connection that is being read: share of its file's bytes or of its windows, records committed, records a
 * second, time left. When nothing is read the terminal is as it was: no timer, cursor shown, nothing that a later redraw
 * would wipe out.
 */
export class ProgressBar {
  readonly #stream: NodeJS.WritableStream
  #multibar: cliProgress.MultiBar | null = null
  readonly #shown = new Map<string, Shown>()

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  /** Prints whole lines above the bars; false when there are none, and the caller prints them. */
  above(lines: string): boolean {
    if (this.#multibar === null) return false
    this.#multibar.log(lines)
    this.#multibar.update()
    return true
  }

  file({ connection, file, bytesRead, sizeBytes, records }: FileReadProgress): void {
    this.#update({ connection, label: `${connection} ${file}`, done: bytesRead, total: sizeBytes, records })
  }

  /** Between windows a bar stays: it is the same one for all windows of a run. */
  windows({ connection, stream, window, done, planned, records }: WindowReadProgress): void {
    const day = formatInstant(window.from).slice(0, 10)
    this.#update({ connection, label: `${connection} ${stream} ${day}`, done, total: planned, records })
  }

  /** Wipes the bars; the next progress shows one again. */
  stop(): void {
    this.#multibar?.stop()
    this.#multibar = null
    this.#shown.clear()
  }

  #update(step: Step): void {
    if (step.done >= step.total) {
      this.#end(step.connection)
      return
    }
    const { bar, startedAt, firstRecord } = this.#shownFor(step)
    const seconds = (performance.now() - startedAt) / 1000
    const rate = seconds > 0 ? Math.round((step.records - firstRecord) / seconds) : 0
    const { label } = step
    bar.update(step.done, { label, records: step.records.toLocaleString('en'), rate: rate.toLocaleString('en') })
  }

  #end(connection: string): void {
    const shown = this.#shown.get(connection)
    if (shown !== undefined) this.#multibar?.remove(shown.bar)
    this.#shown.delete(connection)
    if (this.#shown.size === 0) this.stop()
  }

  #shownFor({ connection, label, total, records }: Step): Shown {
    const known = this.#shown.get(connection)
    if (known !== undefined && known.bar.getTotal() === total) return known
    this.#end(connection)
    this.#multibar ??= this.#newMultibar()
    const bar = this.#multibar.create(total, 0, { label, records: 0, rate: 0 })
    const shown = { label, startedAt: performance.now(), firstRecord: records, bar }
    this.#shown.set(connection, shown)
    return shown
  }

  #newMultibar(): cliProgress.MultiBar {
    return new cliProgress.MultiBar(
      {
        stream: this.#stream,
        format: '{label} {bar} {percentage}% | {records} records | {rate}/s | ETA {eta_formatted}',
        clearOnComplete: true,
        hideCursor: true,
        // Lines printed above move the bars down, where they must be drawn again though they say the same.
        forceRedraw: true,
      },
      cliProgress.Presets.shades_classic,
    )
  }
}
