import type { DueFollowUp } from '../domain/batch.ts'
import type { Fetched } from '../sources/source.ts'
import { BatchWriter } from './batch-writer.ts'
import { fetchEach, fetchedId } from './fetch-each.ts'
import type { RecordBatch } from './record-batch.ts'
import { factsOf, useRecord } from './use-record.ts'
import { failureOf } from './window-failure.ts'
import type { WindowReading } from './window-reading.ts'

/** Records that are due asked for at a time, and then committed: a killed run does not ask for them again. */
const atATime = 100

/**
 * Reads the records that are due by their ids, the longest due first, until none is. Throws the reason of the signal when
 * the run is stopped.
 */
export const readFollowUps = async (reading: WindowReading): Promise<void> => {
  const { loader, now } = reading
  const asked = new Set<string>()
  const startedAt = now()
  for (;;) {
    reading.context.signal.throwIfAborted()
    const due = (await loader.dueFollowUps(startedAt, atATime)).filter(({ recordId }) => !asked.has(recordId))
    if (due.length === 0) return
    for (const { recordId } of due) asked.add(recordId)
    await loader
      .exclusively(() => readDue(reading, due))
      .catch((error: unknown) => {
        throw failureOf(error, reading.connectionId, `reading ${due.length} records that were due`)
      })
  }
}

const readDue = async (reading: WindowReading, due: readonly DueFollowUp[]): Promise<void> => {
  const writer = new BatchWriter(reading, async () => undefined)
  const byId = new Map(due.map((followUp) => [followUp.recordId, followUp]))
  try {
    for await (const fetched of fetchEach(reading, due)) {
      const followUp = byId.get(fetchedId(fetched))
      if (fetched.kind === 'record') reading.account.seen()
      if (fetched.kind === 'gone') await reading.account.require(reading)
      if (followUp !== undefined) takeDue(writer.batch, followUp, fetched)
      await writer.cut()
    }
  } finally {
    await writer.flush()
  }
}

const takeDue = (batch: RecordBatch, followUp: DueFollowUp, fetched: Fetched): void => {
  const { recordId, parentId, kind, attempts, reason, giveUpAt } = followUp
  if (fetched.kind === 'gone') batch.addGone({ recordId, readAt: fetched.readAt })
  else if (fetched.kind === 'unavailable') {
    batch.tally('unavailable')
    const waiting = { reason: fetched.reason ?? 'unavailable', notBefore: fetched.notBefore ?? null, giveUpAt }
    batch.waitFor({ recordId, parentId, kind, attempts: attempts + 1, waiting })
  } else {
    const facts = factsOf(fetched.stub, { key: recordId, unusable: null })
    useRecord(batch, fetched.stub.record, fetched.readAt, {
      ...facts,
      fingerprint: null,
      parentId: facts.parentId ?? parentId,
      due: { kind, reason, attempts, giveUpAt },
    })
  }
}
