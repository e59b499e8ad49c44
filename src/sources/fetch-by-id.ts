import { SourceProtocolError, TransientError, UnreadableAnswer } from '../domain/errors.ts'
import type { Fetched, ReadContext, RecordRef } from './source.ts'
import { workAhead } from './work-ahead.ts'

/** Kept until its turn comes: whether a failure is an outage depends on what became of the record before. */
interface Asked {
  readonly ref: RecordRef
  readonly answer: { readonly fetched: Fetched } | { readonly error: unknown }
}

/**
 * Asks for records, several at once; they come in their order. What fails with one costs that one: it is unavailable, and
 * unanswered when nothing that could be read came in any attempt. A
 * TransientError may be the record's (a vendor that answers 500 to one id for ever); two in a row are an outage, and the
 * second is thrown. So is what concerns more than one record: ConfigError, the reason of the signal, a defect.
 */
export async function* fetchByIds(
  refs: readonly RecordRef[],
  fetchOne: (ref: RecordRef, context: ReadContext) => Promise<Fetched>,
  context: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  const { signal } = context
  const ask = async (ref: RecordRef, linked: ReadContext): Promise<Asked> => {
    linked.signal.throwIfAborted()
    try {
      return { ref, answer: { fetched: await fetchOne(ref, linked) } }
    } catch (error) {
      return { ref, answer: { error } }
    }
  }
  let wasTransient = false
  for await (const { ref, answer } of workAhead(refs, ask, context)) {
    signal.throwIfAborted()
    if ('fetched' in answer) {
      wasTransient = false
      yield answer.fetched
      continue
    }
    const { error } = answer
    const isTransient = error instanceof TransientError
    if (!(error instanceof SourceProtocolError || isTransient) || (isTransient && wasTransient)) throw error
    wasTransient = isTransient
    const isUnanswered = isTransient || error instanceof UnreadableAnswer
    const unavailable = { kind: 'unavailable', recordId: ref.recordId, detail: error.message } as const
    yield isUnanswered ? { ...unavailable, unanswered: true } : unavailable
  }
}
