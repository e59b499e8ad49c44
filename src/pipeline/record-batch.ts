import type { Batch, FilePlace, FileProgress, Reject, SourceRecord } from '../domain/batch.ts'
import type { Flattened } from '../domain/flattened.ts'
import type { PlacedRow, RecordingRow } from '../domain/recording-row.ts'
import { scrubSignedQueries } from '../domain/signed-query.ts'
import type { FlattenContext } from '../sources/source.ts'
import { canonicalJson, sha256Hex } from '../transform/canonical-json.ts'
import { hasLongId, longIdRejected } from './long-id.ts'
import { scrubBase64, scrubReason } from './scrub.ts'

/** Rows and rejects a batch at the most, unless the settings say less: measured on two cores, more gain nothing and cost memory. */
const maxRows = 10_000

/** Characters of long texts and payloads a batch at the most (about): bounds memory on 10 MB transcripts. */
const maxCharacters = 8_000_000

export type RecordsKept = 'none' | 'keys' | 'payloads'

export interface BatchSettings {
  readonly recordsKept: RecordsKept
  /** Rows and rejects a batch at the most; default: 10,000. */
  readonly batchRows?: number | undefined
  /** Pure; what it throws costs this one record. */
  flatten(record: unknown, context: FlattenContext): Flattened
  /** The row as it is to be stored, with the portfolio that the map gives it. */
  place(row: RecordingRow): PlacedRow
}

/** Where a record stands: what its row or reject is ordered and named by. */
export interface RecordPlace {
  /** Of records that state no version of their own. */
  readonly version: number | null
  readonly ordinal: number
  /** Key in quarantine of a record whose id cannot be read. */
  readonly fallbackKey: string
  readonly file: FilePlace | null
}

export type Unreadable = Pick<Reject, 'reason' | 'payloadKind' | 'payload'>

interface PlacedRows {
  readonly kind: 'rows'
  readonly rows: readonly PlacedRow[]
  readonly notes: readonly string[]
}

/** What flatten makes of a record, with its rows as they are to be stored. */
type Placed = PlacedRows | Exclude<Flattened, { readonly kind: 'rows' }>

/** Flattens records, in their order, into one batch. */
export class RecordBatch {
  readonly #settings: BatchSettings
  readonly #rows: PlacedRow[] = []
  readonly #records: SourceRecord[] = []
  readonly #rejects: Reject[] = []
  readonly #tallies = new Map<string, number>()
  #listed = 0
  #flattened = 0
  #skipped = 0
  #characters = 0

  constructor(settings: BatchSettings) {
    this.#settings = settings
  }

  get listed(): number {
    return this.#listed
  }

  get isFull(): boolean {
    const most = this.#settings.batchRows ?? maxRows
    return this.#rows.length + this.#rejects.length >= most || this.#characters >= maxCharacters
  }

  addRecord(record: unknown, place: RecordPlace): Placed {
    this.#listed += 1
    const flattened = this.#flatten(record, place)
    if (flattened.kind === 'rows') this.#addRows(flattened, record, place.ordinal)
    else if (flattened.kind === 'skip') this.#skip(flattened.code)
    else {
      this.#addReject({
        rejectKey: flattened.recordId ?? place.fallbackKey,
        reason: scrubReason(flattened.reason),
        version: flattened.version === undefined ? place.version : flattened.version,
        ordinal: place.ordinal,
        payloadKind: 'record',
        payload: scrubSignedQueries(canonicalJson(record)),
        file: place.file,
      })
    }
    return flattened
  }

  addUnreadable(unreadable: Unreadable, place: RecordPlace): void {
    this.#listed += 1
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

  /** `settled`: keys in quarantine of records that this batch has read again without rejecting them. */
  finish(fileProgress: FileProgress | null, settled: readonly string[] = []): Batch {
    return {
      rows: this.#rows,
      records: this.#records,
      rejects: this.#rejects,
      read: {
        listed: this.#listed,
        flattened: this.#flattened,
        rejected: this.#rejects.length,
        skipped: this.#skipped,
        pending: 0,
      },
      tallies: Object.fromEntries(this.#tallies),
      fileProgress,
      settled,
    }
  }

  /** A defect of a flatten on one hostile record must not keep the rest out for ever. */
  #flatten(record: unknown, { version, ordinal }: RecordPlace): Placed {
    try {
      const flattened = this.#settings.flatten(record, { version, ordinal })
      if (flattened.kind === 'skip') return flattened
      if (hasLongId(flattened)) return longIdRejected
      return flattened.kind === 'reject'
        ? flattened
        : { ...flattened, rows: flattened.rows.map((row) => this.#settings.place(row)) }
    } catch (error) {
      const detail = `flatten failed on it, which is a defect of reelhouse: ${error instanceof Error ? error.message : String(error)}`
      return { kind: 'reject', recordId: null, reason: { code: 'flatten-failed', path: null, detail } }
    }
  }

  #addRows(flattened: PlacedRows, record: unknown, ordinal: number): void {
    this.#flattened += 1
    for (const note of flattened.notes) this.#count(note)
    for (const row of flattened.rows) {
      if (row.portfolio_id == null && row.portfolio_if_new === null) this.#count('portfolio-unmapped')
      this.#rows.push(row)
      this.#characters += charactersOf(row)
    }
    const first = flattened.rows[0]
    if (this.#settings.recordsKept !== 'none' && first !== undefined) this.#keep(first, record, ordinal)
  }

  #keep(row: RecordingRow, record: unknown, ordinal: number): void {
    const payload = this.#settings.recordsKept === 'payloads' ? scrubSignedQueries(canonicalJson(record)) : null
    this.#characters += payload?.length ?? 0
    this.#records.push({
      recordId: row.record_id,
      parentId: null,
      windowAt: null,
      version: row.source_version,
      ordinal,
      outcome: 'row',
      reason: null,
      payload,
      payloadHash: payload === null ? null : sha256Hex(payload),
    })
  }

  #skip(code: string): void {
    this.#skipped += 1
    this.#count(`skip.${code}`)
  }

  #addReject(reject: Reject): void {
    this.#characters += reject.payload.length
    this.#rejects.push(reject)
  }

  #count(code: string): void {
    this.#tallies.set(code, (this.#tallies.get(code) ?? 0) + 1)
  }
}

const texts = [
  'conversation_id',
  'message_text',
  'first_name',
  'last_name',
  'sender_ext_ref',
  'phone_number',
  'email_address',
  'number_dialed_by_user',
  'recording_url',
] as const

const charactersOf = (row: PlacedRow): number => {
  let characters = 0
  for (const column of texts) characters += row[column]?.length ?? 0
  for (const key in row.map_keys) characters += row.map_keys[key]?.length ?? 0
  return characters
}
