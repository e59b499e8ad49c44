import type { RecordRef } from '../domain/record-ref.ts'
import type { Window } from '../domain/window.ts'
import type { BatchWriter } from './batch-writer.ts'
import { fetchEach, fetchedId } from './fetch-each.ts'
import { provesSince } from './retained.ts'
import { isNoId } from './stub-key.ts'
import { factsOf, useRecord } from './use-record.ts'
import { unavailableFor } from './wait-for.ts'
import type { WindowReading } from './window-reading.ts'

/**
 * Asks for stored records of a window that its complete listing did not show. Only the source's word that there is no such
 * record makes one deleted; what it shows after all moved or came late, and is read; what it refuses stays as it is; what it does not answer is waited for, and asked for again.
 */
export const findVanished = async (
  reading: WindowReading,
  window: Window,
  isPresent: (recordId: string) => boolean,
  writer: BatchWriter,
): Promise<void> => {
  const from = Math.max(window.from, provesSince(reading.stream, reading.now()) ?? window.from)
  // The end belongs to the next window, and a source may list it or not.
  for await (const page of reading.loader.recordsIn({ from, to: window.to - 1 })) {
    reading.context.signal.throwIfAborted()
    const missing = page.filter(({ recordId }) => !isPresent(recordId) && !isNoId(recordId))
    try {
      await readMissing(reading, missing, writer)
    } finally {
      await writer.flush()
    }
  }
}

const readMissing = async (
  reading: WindowReading,
  missing: readonly RecordRef[],
  writer: BatchWriter,
): Promise<void> => {
  const byId = new Map(missing.map((ref) => [ref.recordId, ref]))
  for await (const fetched of fetchEach(reading, missing)) {
    const recordId = fetchedId(fetched)
    const { batch } = writer
    if (fetched.kind === 'gone') {
      await reading.account.require(reading)
      batch.addGone({ recordId, readAt: fetched.readAt })
    } else if (fetched.kind === 'unavailable') {
      batch.tally('unavailable')
      if (fetched.unanswered === true) await askLater(reading, byId.get(recordId), writer)
    } else {
      reading.account.seen()
      const facts = factsOf(fetched.stub, { key: recordId, unusable: null })
      const parentId = facts.parentId ?? byId.get(recordId)?.parentId ?? null
      useRecord(batch, fetched.stub.record, fetched.readAt, { ...facts, parentId, fingerprint: null })
    }
    await writer.cut()
  }
}

const askLater = async (
  { loader, now }: WindowReading,
  ref: RecordRef | undefined,
  writer: BatchWriter,
): Promise<void> => {
  if (ref === undefined) return
  await writer.settle()
  const known = (await loader.knownRecords([ref.recordId])).get(ref.recordId)
  const kind = known?.outcome === 'row' ? 'follow-up' : 'pending'
  const waiting = { reason: 'unavailable', notBefore: null, giveUpAt: now() + unavailableFor }
  writer.batch.waitFor({ ...ref, kind, attempts: 0, waiting })
}
