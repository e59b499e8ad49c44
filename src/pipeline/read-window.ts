import type { ReadCounts } from '../domain/batch.ts'
import { WindowTooLarge } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import type { ReadContext, StubPage } from '../sources/source.ts'
import { workAhead } from '../sources/work-ahead.ts'
import type { BatchWriter } from './batch-writer.ts'
import { Breather } from './breather.ts'
import { fetchListed } from './fetch-listed.ts'
import { isUnchanged, judge, tellsOfJoinOnly } from './judge-stub.ts'
import { keyOf } from './stub-key.ts'
import { factsOf, useRecord } from './use-record.ts'
import type { ListedStub, Seen } from './window-listing.ts'
import type { WindowReading } from './window-reading.ts'

/** What a complete listing of a window has shown. */
export interface WindowRead {
  readonly counts: ReadCounts
  /** What the source said the window has; null = it did not say. */
  readonly total: number | null
  /** The vendor's clock when the listing began; null = unknown. */
  readonly servedAt: EpochMicros | null
  /** Whether the source has shown the record: it listed it, or answered with it by its id since. */
  isPresent(recordId: string): boolean
}

/**
 * Reads the pages of a window: takes every record that it lists and that is new or changed, and commits batch after batch. Also when
 * reading fails, what was read before is committed. Throws WindowTooLarge when the source cannot prove the listing, or lists
 * less than it says there is; the reason of the signal when the run is stopped.
 */
export const readWindow = async (
  reading: WindowReading,
  pages: AsyncIterable<StubPage>,
  writer: BatchWriter,
): Promise<WindowRead> => {
  const { stream, context } = reading
  const seen: Seen = { records: new Map(), listed: new Set(), fetched: new Set(), nameless: 0 }
  let first: StubPage | null = null
  let total: number | null = null
  try {
    for await (const page of pages) {
      first ??= page
      total = page.total ?? total
      await readPage(reading, seen, page, writer)
      context.signal.throwIfAborted()
    }
    context.signal.throwIfAborted()
  } finally {
    await writer.flush()
  }
  const shown = seen.listed.size + seen.nameless
  if (stream.proof === 'total' && total !== null && shown < total) {
    throw new WindowTooLarge(`it lists ${shown} records and says it has ${total}`)
  }
  const isPresent = (key: string) => seen.listed.has(key) || seen.fetched.has(key)
  return { counts: writer.counts, total, servedAt: first?.servedAt ?? null, isPresent }
}

const readPage = async (reading: WindowReading, seen: Seen, page: StubPage, writer: BatchWriter): Promise<void> => {
  const listed = page.stubs.map((stub, n): ListedStub => ({ ...keyOf(stub), stub, ordinal: page.readAt + n }))
  for (const one of listed) note(seen, one)
  const unseen = listed.map(({ key }) => key).filter((key) => !seen.records.has(key))
  await writer.settle()
  const stored = await reading.loader.knownRecords([...new Set(unseen)])
  const unread = new Map<string, ListedStub>()
  const breather = new Breather()
  for await (const { one, join } of joinedAhead(reading, seen, listed, stored)) {
    if (unread.has(one.key)) continue
    const judged = await take(reading, seen, { ...one, join }, stored, writer)
    if (judged === 'fetch') unread.set(one.key, one)
    await writer.cut()
    await breather.pause()
  }
  await fetchListed(reading, seen, [...unread.values()], stored, writer)
}

const note = (seen: Seen, { key, unusable, stub }: ListedStub): void => {
  if (unusable !== null) seen.nameless += 1
  else if (!tellsOfJoinOnly(stub)) seen.listed.add(key)
}

/** Counts a stub, or takes its record; the others must be fetched. A stub that repeats what the window showed counts once. */
const take = async (
  reading: WindowReading,
  seen: Seen,
  one: ListedStub & Pick<Joined, 'join'>,
  stored: ReadonlyMap<string, KnownRecord>,
  { batch }: BatchWriter,
): Promise<'taken' | 'fetch'> => {
  const { key, unusable, stub } = one
  const before = seen.records.get(key)
  if (before !== undefined && isUnchanged(stub, before)) return 'taken'
  const known = before ?? stored.get(key)
  if (stored.has(key)) reading.account.seen()
  const judged = judge(stub, known, reading.force)
  if (judged === 'fetch' && unusable === null) return 'fetch'
  if (known !== undefined && judged === 'unchanged') {
    batch.addKnown(known.outcome === 'pending' ? 'pending' : { skipped: 'unchanged' })
    seen.records.set(key, known)
  } else if (known !== undefined && judged === 'forgotten') {
    batch.addKnown({ skipped: 'forgotten' })
    seen.records.set(key, known)
  } else {
    const record = unusable === null ? await one.join() : stub.record
    if (record === undefined && unusable === null) return 'fetch'
    seen.records.set(key, useRecord(batch, record, one.ordinal, factsOf(stub, { key, unusable })))
  }
  return 'taken'
}

interface Joined {
  readonly one: ListedStub
  /** The record with what its source joins to it; asked for already if it was to be expected. */
  join(): Promise<unknown>
}

/** The stubs in their order. What is joined to the new and changed ones is asked for ahead, of several at once. */
async function* joinedAhead(
  { stream, context, force }: WindowReading,
  seen: Seen,
  listed: readonly ListedStub[],
  stored: ReadonlyMap<string, KnownRecord>,
): AsyncGenerator<Joined, void, undefined> {
  const join = async (record: unknown, asking: ReadContext): Promise<unknown> =>
    stream.join === undefined || record === undefined ? record : stream.join(record, asking)
  const isExpected = ({ key, unusable, stub }: ListedStub): boolean => {
    const before = seen.records.get(key)
    if (unusable !== null || (before !== undefined && isUnchanged(stub, before))) return false
    return judge(stub, before ?? stored.get(key), force) === 'use'
  }
  const joinAhead = async (one: ListedStub, asking: ReadContext): Promise<Joined> => {
    if (!isExpected(one)) return { one, join: () => join(one.stub.record, context) }
    const record = await join(one.stub.record, asking)
    return { one, join: async () => record }
  }
  if (stream.join === undefined) for (const one of listed) yield { one, join: async () => one.stub.record }
  else yield* workAhead(listed, joinAhead, context)
}
