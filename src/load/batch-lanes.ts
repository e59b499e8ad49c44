import type { Batch, ReadCounts } from '../domain/batch.ts'
import { noRunCounts, subtractReadCounts } from '../domain/counts.ts'
import type { Run, RunCounts } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import type { BatchMemory } from './batch-memory.ts'
import { BatchTurn } from './batch-turn.ts'
import type { RowEncoding } from './encode-row.ts'
import { EncodedBatch, encodedBatch } from './encoded-batch.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { Expectation } from './expectation.ts'
import { countFileBatches } from './file-batches.ts'
import { commitBatch } from './loader.ts'
import type { OpenedLoader } from './opened-loader.ts'
import { inTurn } from './turns.ts'

/** A batch on its way. */
interface Underway {
  /** Null: of no file, and compared with none. */
  readonly rows: EncodedRows | null
  readonly lane: number
  /** Settles when it has committed, or failed. */
  readonly done: Promise<unknown>
}

/** After so many batches that file_batches holds, one waits until it can count them: what `runs` shows stays fresh. */
const mostUncounted = 40

/** One that is filled, and two that are sent; after a batch of long transcripts a small one will do again. */
const mostMemories = 3
const largestKept = 8_388_608

/** Commits the batches of one loader: those of a file in up to two sessions, side by side, in the order of the file. */
export class BatchLanes {
  readonly #opened: OpenedLoader
  readonly #memories: BatchMemory[] = []
  /** What is underway in each session, in order. */
  readonly #lanes: Promise<void>[] = []
  #second: Promise<Session> | null = null
  #hasSecond = false
  #last: Underway | null = null
  #committed: RunCounts = noRunCounts
  #uncounted = 0
  readonly #expectation = new Expectation()

  constructor(opened: OpenedLoader) {
    this.#opened = opened
  }

  /** Batches of a file that may be on their way at a time. */
  get atATime(): number {
    return this.#opened.openSecond === undefined ? 1 : 2
  }

  /** What the run has committed. */
  get committed(): RunCounts {
    return this.#committed
  }

  set committed(counts: RunCounts) {
    this.#committed = counts
  }

  /** Whether file_batches has batches that are not counted yet. */
  get hasUncounted(): boolean {
    return this.#uncounted > 0
  }

  counted(): void {
    this.#uncounted = 0
  }

  /** Where the next batch goes: into the memory of one that has committed, if there is one. */
  newBatch(run: Run, encoding: RowEncoding): EncodedBatch {
    const { rowConnectionKey: connectionKey, source, runId } = run
    const owner = this.#expectation.allAreNew ? { connectionKey, source, runId } : null
    return new EncodedBatch({ ...encoding, owner }, this.#memories.pop())
  }

  /** Batches commit in the order in which this is called. Returns what was counted of the batch, without whom was forgotten. */
  commit(run: Run, batch: Batch): Promise<ReadCounts> {
    const before = this.#last
    const encoded = batch.fileProgress === null ? null : encodedBatch(batch, this.#opened)
    for (const { rejectKey } of batch.rejects) encoded?.rows.noteKey(rejectKey)
    // What is asked of the first session afterwards comes after a batch that is alone, or of no file.
    const isInTurn = before === null || batch.fileProgress === null
    const lane = isInTurn ? 0 : 1 - before.lane
    const begin = () => this.#commit(run, batch, encoded, before, lane)
    const done = isInTurn ? begin() : (this.#lanes[lane] ?? Promise.resolve()).then(begin)
    const mine = { rows: encoded?.rows ?? null, lane, done }
    this.#last = mine
    const settled = () => {
      if (this.#last === mine) this.#last = null
    }
    this.#lanes[lane] = done.then(settled, settled)
    return done
  }

  async #commit(
    run: Run,
    batch: Batch,
    encoded: EncodedBatch | null,
    before: Underway | null,
    lane: number,
  ): Promise<ReadCounts> {
    const session = lane === 0 ? this.#opened.session : await this.#openSecond()
    if (before !== null && encoded !== null && this.#mustFollow(encoded.rows, before)) await before.done
    const turn = new BatchTurn(before?.done ?? Promise.resolve())
    const read = await inTurn(session, async () => {
      let before = noRunCounts
      const inFront = (): RunCounts => {
        before = this.#committed
        return before
      }
      this.#committed = await commitBatch(session, run, batch, inFront, this.#opened, {
        encoded: encoded ?? encodedBatch(batch, this.#opened),
        turn,
        expectation: this.#expectation,
      })
      this.#expectation.learn(before.upsert, this.#committed.upsert)
      this.#uncounted = turn.isAlone ? 0 : this.#uncounted + 1
      return subtractReadCounts(this.#committed.read, before.read)
    })
    // What was held until now has a memory of its own, and asks for no other.
    if (batch.sink instanceof EncodedBatch) this.#keepMemory(batch.sink.memory)
    return read
  }

  /** Two batches that touch the same keys must see what the other has done of them; two in one session would wait for ever. */
  #mustFollow(rows: EncodedRows, before: Underway): boolean {
    return !this.#hasSecond || this.#uncounted >= mostUncounted || before.rows === null || rows.meets(before.rows)
  }

  #keepMemory(memory: BatchMemory): void {
    if (this.#memories.length >= mostMemories || memory.size > largestKept) return
    memory.clear()
    this.#memories.push(memory)
  }

  /** A warehouse that has no session to spare makes it slower, and nothing worse. */
  #openSecond(): Promise<Session> {
    this.#second ??= this.#open()
    return this.#second
  }

  async #open(): Promise<Session> {
    const { openSecond, session } = this.#opened
    if (openSecond === undefined) return session
    try {
      const second = await openSecond()
      this.#hasSecond = true
      return second
    } catch {
      return session
    }
  }
}

/** When the batches that are on their way have settled. */
export const countIfAny = async (session: Session, connectionKey: number, lanes: BatchLanes): Promise<void> => {
  if (!lanes.hasUncounted) return
  await countFileBatches(session, connectionKey)
  lanes.counted()
}
