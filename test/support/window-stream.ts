import { WindowTooLarge } from '../../src/domain/errors.ts'
import { type Flattened, reject } from '../../src/domain/flattened.ts'
import type { Reread, Window } from '../../src/domain/window.ts'
import type { Fetched, ReadContext, RecordRef, Stub, StubPage, WindowStream } from '../../src/sources/source.ts'
import { canonicalJson, sha256Hex } from '../../src/transform/canonical-json.ts'
import { row } from './rows.ts'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** 2026-07-14T00:00:00Z: where the streams of these tests start. */
export const start = Date.UTC(2026, 6, 14) * 1000

/** A record at the source. */
export interface HeldRecord {
  readonly id: string | null
  readonly at: number
  readonly name?: string
  readonly version?: number | null
  /** Joined to it from elsewhere: its listing shows it unless `joinedByIdOnly`. */
  readonly transcript?: { readonly version: number; readonly text: string }
  readonly joinedByIdOnly?: boolean
  /** What it becomes instead of a row. */
  readonly becomes?: { readonly reject: string } | { readonly skip: string } | { readonly throws: string }
  readonly waits?: { readonly for: 'pending' | 'follow-up'; readonly until: number; readonly notBefore?: number }
  /** The listing leaves it out; by its id it is there. */
  readonly unlisted?: boolean
  /** The listing shows that it is there, and not the record. */
  readonly bare?: boolean
  /** By its id it is refused (403). */
  readonly refused?: boolean
}

/** A transcript whose record lies in another window, or is gone: listed as a stub without a record. */
export interface LooseJoin {
  readonly recordId: string
  readonly at: number
  readonly version: number
}

/** A source that is a list in memory, changed by tests while it is read. */
export interface HeldSource {
  records: HeldRecord[]
  joins: LooseJoin[]
  /** What was asked of it, in order: `list`, `fetch a,b`, `count`. */
  journal: string[]
  clock: { now: number }
  /** How far the vendor's clock is behind ours; null = it states none. */
  vendorBehind: number | null
  /** Listings of more records cannot be proven. */
  cap: number
  pageSize: number
  /** Every page is shown that often. */
  timesShown: number
  /** What the source states as the total beyond what it lists. */
  totalBeyond: number
  /** It says how many records a window has. */
  counts: boolean
  /** Ids for which every request fails for want of an answer. */
  unanswered: string[]
  /** Called before anything is answered; what it throws the source throws. */
  before: (request: string) => void | Promise<void>
}

export const heldSource = (records: readonly HeldRecord[] = [], stated: Partial<HeldSource> = {}): HeldSource => ({
  records: [...records],
  joins: [],
  journal: [],
  clock: { now: start + 10 * hour },
  vendorBehind: null,
  cap: Number.POSITIVE_INFINITY,
  pageSize: 3,
  timesShown: 1,
  totalBeyond: 0,
  counts: true,
  unanswered: [],
  before: () => undefined,
  ...stated,
})

export const everyRun: Reread = { name: '1h', depth: hour, every: null }
export const daily: Reread = { name: '1d', depth: day, every: 6 * hour }

export const windowStream = (source: HeldSource, stated: Partial<WindowStream> = {}): WindowStream => ({
  kind: 'window',
  name: 'recordings',
  axis: 'created_at',
  start,
  settlingDelay: 5 * minute,
  maxWindow: day,
  rereads: [everyRun],
  proof: 'total',
  list: (window, context) => list(source, window, context),
  fetch: (refs, context) => fetch(source, refs, context),
  ...(source.counts ? { count: (window: Window) => count(source, window) } : {}),
  flatten: flattenHeld,
  ...stated,
})

/** Minutes since the start: `0-60`. */
export const textOf = ({ from, to }: Window): string => `${(from - start) / minute}-${(to - start) / minute}`

const ask = async (source: HeldSource, request: string): Promise<void> => {
  source.journal.push(request)
  await source.before(request)
}

const count = async (source: HeldSource, window: Window): Promise<number> => {
  await ask(source, `count ${textOf(window)}`)
  return listedIn(source, window).length + source.totalBeyond
}

const listedIn = ({ records }: HeldSource, { from, to }: Window): readonly HeldRecord[] =>
  records.filter(({ at, unlisted }) => at >= from && at <= to && unlisted !== true)

async function* list(source: HeldSource, window: Window, { signal }: ReadContext): AsyncGenerator<StubPage, void> {
  await ask(source, `list ${textOf(window)}`)
  signal.throwIfAborted()
  const listed = listedIn(source, window)
  if (listed.length > source.cap) throw new WindowTooLarge(`${listed.length} records are too many`)
  const joins = source.joins.filter(({ at }) => at >= window.from && at <= window.to)
  const stubs = [...joins.map(looseStub), ...listed.map((record) => stubOf(record))]
  for (let at = 0; at === 0 || at < stubs.length; at += source.pageSize) {
    await ask(source, `page ${at}`)
    signal.throwIfAborted()
    const page = {
      stubs: stubs.slice(at, at + source.pageSize),
      readAt: source.clock.now + at,
      servedAt: source.vendorBehind === null ? null : source.clock.now - source.vendorBehind,
      total: listed.length + source.totalBeyond,
    }
    for (let time = 0; time < source.timesShown; time += 1) yield page
  }
}

async function* fetch(
  source: HeldSource,
  refs: readonly RecordRef[],
  { signal }: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  await ask(source, `fetch ${refs.map(({ recordId }) => recordId).join(',')}`)
  for (const { recordId } of refs) {
    signal.throwIfAborted()
    const readAt = source.clock.now
    const record = source.records.find(({ id }) => id === recordId)
    if (source.unanswered.includes(recordId)) {
      yield { kind: 'unavailable', recordId, detail: 'no answer', unanswered: true }
    } else if (record === undefined) yield { kind: 'gone', recordId, readAt }
    else if (record.refused === true) yield { kind: 'unavailable', recordId, detail: 'refused (403)' }
    else
      yield { kind: 'record', stub: { ...stubOf({ ...record, joinedByIdOnly: false, bare: false }), recordId }, readAt }
  }
}

/** What flatten sees: the record, with what was joined to it. */
interface Envelope {
  readonly record: Omit<HeldRecord, 'transcript' | 'joinedByIdOnly' | 'unlisted' | 'bare' | 'refused'>
  readonly transcript?: { readonly version: number; readonly text: string }
}

const stubOf = (held: HeldRecord): Stub => {
  const { transcript, joinedByIdOnly, unlisted: _, bare, refused: __, ...record } = held
  const joined = joinedByIdOnly === true ? undefined : transcript
  const envelope: Envelope = { record, ...(joined === undefined ? {} : { transcript: joined }) }
  return {
    recordId: held.id,
    parentId: null,
    windowAt: held.at,
    version: latest(held.version ?? null, joined?.version ?? null),
    joinedVersion: joined?.version ?? null,
    fingerprint: bare === true ? null : sha256Hex(canonicalJson(record)),
    record: bare === true ? undefined : envelope,
  }
}

const looseStub = ({ recordId, version }: LooseJoin): Stub => ({
  recordId,
  parentId: null,
  windowAt: null,
  version: null,
  joinedVersion: version,
  fingerprint: null,
  record: undefined,
})

const latest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

const isEnvelope = (record: unknown): record is Envelope =>
  typeof record === 'object' && record !== null && 'record' in record

/** Pure, as the contract has it. */
export const flattenHeld: WindowStream['flatten'] = (envelope, { ordinal, final }): Flattened => {
  if (!isEnvelope(envelope)) return reject(null, 'not-a-record', null, 'no record')
  const { record, transcript } = envelope
  const { id, name, becomes, waits } = record
  if (id === null) return reject(null, 'missing-id', 'id', 'no value in id')
  if (becomes !== undefined) {
    if ('throws' in becomes) throw new Error(becomes.throws)
    return 'skip' in becomes ? { kind: 'skip', code: becomes.skip } : reject(id, becomes.reject, null, 'found it')
  }
  const waiting = waits && { reason: 'status-processing', notBefore: waits.notBefore ?? null, giveUpAt: waits.until }
  if (waiting !== undefined && waits?.for === 'pending' && !final) return { kind: 'pending', recordId: id, waiting }
  const made = row({
    message_id: id,
    created_at: record.at,
    first_name: name ?? 'Jo',
    message_text: transcript?.text,
    source_version: latest(record.version ?? null, transcript?.version ?? null),
    source_ordinal: ordinal,
  })
  return { kind: 'rows', rows: [made], notes: [], ...(waiting === undefined || final ? {} : { followUp: waiting }) }
}
