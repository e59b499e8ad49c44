import type { Batch, BatchSink, FileProgress, FollowUp, GoneRecord, Reject, SourceRecord } from '../domain/batch.ts'
import type { CellLines } from '../domain/cell-lines.ts'
import { noReadCounts } from '../domain/counts.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { PlacedRow } from '../domain/recording-row.ts'
import { scrubSignedQueries } from '../domain/signed-query.ts'
import { canonicalJson } from '../transform/canonical-json.ts'
import { charactersOf } from './characters-of.ts'
import { type Flattening, flattenRecord, type Placed, unusableRecord, waitingOf } from './flatten-record.ts'
import type { RecordPlace, StubFacts } from './record-place.ts'
import { scrubBase64, scrubReason } from './scrub.ts'
import { sourceRecordOf } from './source-record.ts'
import { followUpOf, gaveUpOn, untilDue, type Waited, type Waits } from './wait-for.ts'

/** Rows and rejects a batch at the most, unless the settings say less: measured on two cores, more gain nothing and cost memory. */
const maxRows = 10_000

/**
 * About how much a batch holds at the most: bytes of what is encoded as it comes, characters of texts and payloads that are held.
 * Two batches are in memory at a time, of dumps three.
 */
const maxHeld = 5_000_000

/** Of an API at least the keys are kept, whatever this says. */
export type RecordsKept = 'none' | 'keys' | 'payloads'

export interface BatchSettings extends Flattening {
  readonly recordsKept: RecordsKept
  /** Rows and rejects a batch at the most; default: 10,000. */
  readonly batchRows?: number | undefined
  /** Our clock, by which waiting ends. Absent: nothing is ever waited for (files). */
  readonly now?: (() => EpochMicros) | undefined
  /** Where rows and records go as they are made. Absent, or null: they are held. */
  readonly newSink?: (() => BatchSink | null) | undefined
}

export type Unreadable = Pick<Reject, 'reason' | 'payloadKind' | 'payload'>

/** Flattens records, in their order, into one batch. */
export class RecordBatch {
  readonly #settings: BatchSettings
  readonly #rows: PlacedRow[] = []
  /** Undefined: nothing has gone into one. */
  #sink: BatchSink | null | undefined
  readonly #records: SourceRecord[] = []
  readonly #rejects: Reject[] = []
  readonly #gone: GoneRecord[] = []
  /** What each record waits for now; null = nothing any more. */
  readonly #waits = new Map<string, FollowUp | null>()
  readonly #tallies = new Map<string, number>()
  readonly #read = { ...noReadCounts }
  #characters = 0

  constructor(settings: BatchSettings) {
    this.#settings = settings
  }

  get listed(): number {
    return this.#read.listed
  }

  get isEmpty(): boolean {
    return this.#read.listed === 0 && this.#gone.length === 0 && this.#waits.size === 0 && this.#tallies.size === 0
  }

  get isFull(): boolean {
    const most = this.#settings.batchRows ?? maxRows
    const rows = this.#rows.length + (this.#sink?.rows.count ?? 0)
    const records = this.#records.length + (this.#sink?.records.count ?? 0)
    const sunk = (this.#sink?.rows.bytes ?? 0) + (this.#sink?.records.bytes ?? 0)
    return Math.max(rows + this.#rejects.length, records) >= most || this.#characters + sunk >= maxHeld
  }

  addRecord(record: unknown, place: RecordPlace): Placed {
    this.#read.listed += 1
    const flattened = this.#flattenInTime(record, place)
    const keepsPayload = this.#settings.recordsKept === 'payloads'
    const payload = keepsPayload || flattened.kind === 'reject' ? scrubSignedQueries(canonicalJson(record)) : null
    if (flattened.kind === 'rows') this.#addRows(flattened)
    else if (flattened.kind === 'skip') this.#skip(flattened.code)
    else if (flattened.kind === 'pending') this.#read.pending += 1
    else this.#quarantine(flattened, payload ?? '', place)
    if (place.stub !== null || (this.#settings.recordsKept !== 'none' && flattened.kind === 'rows')) {
      this.keep(sourceRecordOf(flattened, place, keepsPayload ? payload : null))
    }
    return flattened
  }

  /** A line of a dump as it stands there; false when it must be read as a record. `ordinal`: its `source_ordinal`. */
  addLine(lines: CellLines, n: number, ordinal: number): boolean {
    const sink = this.#settings.recordsKept === 'none' ? this.#openSink() : null
    if (sink === null) return false
    const taken = sink.rows.addLine(lines, n, ordinal)
    if (taken === 'refused') return false
    this.#read.listed += 1
    this.#read.flattened += 1
    if (taken === 'unmapped') this.tally('portfolio-unmapped')
    return true
  }

  addUnreadable(unreadable: Unreadable, place: RecordPlace): void {
    this.#read.listed += 1
    const { payloadKind, payload } = unreadable
    this.#addReject({
      rejectKey: place.fallbackKey,
      reason: scrubReason(unreadable.reason),
      version: place.version,
      ordinal: place.ordinal,
      payloadKind,
      payload: payloadKind === 'base64' ? scrubBase64(payload) : scrubSignedQueries(payload),
      file: place.file,
    })
  }

  /** A listed record of which nothing is new: it is still waited for, or left out for a counted reason. */
  addKnown(known: 'pending' | { readonly skipped: string }): void {
    this.#read.listed += 1
    if (known === 'pending') this.#read.pending += 1
    else this.#skip(known.skipped)
  }

  /** A listed record that cannot be had now; `record` = what is kept of it when nothing was. */
  addUnavailable(waited: Waited, record: SourceRecord | null): void {
    this.addKnown('pending')
    this.waitFor(waited)
    this.keep(record)
  }

  /** A record that was not read. */
  waitFor(waited: Waited): void {
    const now = this.#now()
    const over = waited.waiting.giveUpAt <= now
    if (over) this.tally(`gave-up.${waited.waiting.reason}`)
    this.#waits.set(waited.recordId, over ? gaveUpOn(waited, now) : followUpOf(waited, now))
  }

  addGone(gone: GoneRecord): void {
    this.#gone.push(gone)
    this.tally('deleted')
  }

  keep(record: SourceRecord | null): void {
    if (record === null) return
    const sink = this.#openSink()
    if (sink === null) {
      this.#records.push(record)
      this.#characters += record.payload?.length ?? 0
    } else sink.records.add(record)
  }

  tally(code: string): void {
    this.#tallies.set(code, (this.#tallies.get(code) ?? 0) + 1)
  }

  /** `settled`: keys in quarantine of records that this batch has read again without rejecting them. */
  finish(fileProgress: FileProgress | null, settled: readonly string[] = []): Batch {
    const waits = [...this.#waits]
    return {
      rows: this.#rows,
      ...(this.#sink == null ? {} : { sink: this.#sink }),
      records: this.#records,
      rejects: this.#rejects,
      read: { ...this.#read },
      tallies: Object.fromEntries(this.#tallies),
      fileProgress,
      settled,
      followUps: waits.flatMap(([, followUp]) => followUp ?? []),
      followedUp: waits.flatMap(([recordId, followUp]) => (followUp === null ? [recordId] : [])),
      gone: this.#gone,
    }
  }

  /** Flattens for good what has been waited for long enough, and notes what is waited for still. */
  #flattenInTime(record: unknown, place: RecordPlace): Placed {
    const { stub, version, ordinal } = place
    const recordId = stub === null || stub.unusable !== null ? null : stub.key
    const flatten = (final: boolean) => flattenRecord(this.#settings, record, { version, ordinal, final }, recordId)
    if (stub === null) return flatten(true)
    if (stub.unusable !== null) return unusableRecord(stub.unusable, flatten(true))
    const flattened = flatten(this.#settings.now === undefined)
    const stated = waitingOf(flattened)
    if (stated === null) {
      this.#waits.set(stub.key, null)
      return flattened
    }
    const kind = flattened.kind === 'pending' ? 'pending' : 'follow-up'
    const waits = untilDue({ kind, waiting: stated }, stub.due)
    const over = waits.waiting.giveUpAt <= this.#now()
    this.#note(stub, waits, over)
    return over ? flatten(true) : flattened
  }

  /** A record that was listed, not due, when waiting was over leaves an earlier end of waiting as it is. */
  #note({ key, parentId, due }: StubFacts, waits: Waits, over: boolean): void {
    if (over && due === null) this.tally(`gave-up.${waits.waiting.reason}`)
    else this.waitFor({ ...waits, recordId: key, parentId, attempts: due === null ? 0 : due.attempts + 1 })
  }

  #now(): EpochMicros {
    return this.#settings.now?.() ?? Number.POSITIVE_INFINITY
  }

  #addRows({ rows, notes }: Extract<Placed, { readonly kind: 'rows' }>): void {
    this.#read.flattened += 1
    for (const note of notes) this.tally(note)
    for (const row of rows) {
      if (row.portfolio_id == null && row.portfolio_if_new === null) this.tally('portfolio-unmapped')
      this.#addRow(row)
    }
  }

  /** When there is something for it: it takes memory that is used again when it has been committed. */
  #openSink(): BatchSink | null {
    if (this.#sink === undefined) this.#sink = this.#settings.newSink?.() ?? null
    return this.#sink
  }

  #addRow(row: PlacedRow): void {
    const sink = this.#openSink()
    if (sink === null) {
      this.#rows.push(row)
      this.#characters += charactersOf(row)
    } else sink.rows.add(row)
  }

  #skip(code: string): void {
    this.#read.skipped += 1
    this.tally(`skip.${code}`)
  }

  #quarantine(rejected: Extract<Placed, { readonly kind: 'reject' }>, payload: string, place: RecordPlace): void {
    this.#addReject({
      rejectKey: place.stub?.key ?? rejected.recordId ?? place.fallbackKey,
      reason: scrubReason(rejected.reason),
      version: rejected.version === undefined ? place.version : rejected.version,
      ordinal: place.ordinal,
      payloadKind: 'record',
      payload,
      file: place.file,
    })
  }

  #addReject(reject: Reject): void {
    this.#read.rejected += 1
    this.#characters += reject.payload.length
    this.#rejects.push(reject)
  }
}
