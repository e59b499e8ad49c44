import type { EpochMicros } from '../domain/instant.ts'
import type { PlacedRow, RecordingRow } from '../domain/recording-row.ts'
import type { Run } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import type { AccountProof } from './account-proof.ts'
import type { RecordsKept } from './record-batch.ts'
import type { Reporter } from './reporter.ts'
import type { WindowLoader } from './window-loader.ts'

/** What reading windows of one stream of one connection takes. */
export interface WindowReading {
  readonly connectionId: string
  readonly stream: WindowStream
  readonly loader: WindowLoader
  readonly run: Run
  readonly recordsKept: RecordsKept
  /** Rows and rejects a batch at the most; default: see RecordBatch. */
  readonly batchRows?: number | undefined
  /** Reads again what is stored and unchanged, too. */
  readonly force: boolean
  readonly account: AccountProof
  /** Changes when the credentials or the address do; undefined = the source cannot tell. */
  readonly accountFingerprint: string | undefined
  /** The row as it is to be stored, with the portfolio that the map gives it. */
  place(row: RecordingRow): PlacedRow
  readonly reporter: Reporter
  readonly context: ReadContext
  readonly reached: StepObserver
  /** Our clock. */
  readonly now: () => EpochMicros
}
