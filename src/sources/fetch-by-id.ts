import { SourceProtocolError, TransientError } from '../domain/errors.ts'
import type { Fetched, ReadContext, RecordRef } from './source.ts'

/**
 * Asks for one record after the other. What fails with one costs that one: it is unavailable. A TransientError may be the
 * record's (a vendor that answers 500 to one id for ever); two in a row are an outage, and the second is thrown. So is what
 * concerns more than one record: ConfigError, the reason of the signal, a defect.
 */
export async function* fetchByIds(
  refs: readonly RecordRef[],
  fetchOne: (ref: RecordRef) => Promise<Fetched>,
  { signal }: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  let wasTransient = false
  for (const ref of refs) {
    signal.throwIfAborted()
    let fetched: Fetched
    try {
      fetched = await fetchOne(ref)
      wasTransient = false
    } catch (error) {
      signal.throwIfAborted()
      const isTransient = error instanceof TransientError
      if (!(error instanceof SourceProtocolError || isTransient) || (isTransient && wasTransient)) throw error
      wasTransient = isTransient
      const unavailable = { kind: 'unavailable', recordId: ref.recordId, detail: error.message } as const
      fetched = isTransient ? { ...unavailable, unanswered: true } : unavailable
    }
    yield fetched
  }
}
