import { SourceProtocolError } from '../domain/errors.ts'
import type { Fetched, RecordRef } from '../sources/source.ts'
import type { WindowReading } from './window-reading.ts'

/** Records asked for by id at a time: bounds what a source may gather before it answers. */
const groupSize = 100

export const fetchedId = (fetched: Fetched): string =>
  fetched.kind === 'record' ? fetched.stub.recordId : fetched.recordId

/**
 * One answer for each of the records, which differ. Why one cannot be had is told once, not for each that cannot,
 * unless it is only waited for. Throws the
 * reason of the signal when the run is stopped.
 */
export async function* fetchEach(
  { stream, context }: Pick<WindowReading, 'stream' | 'context'>,
  refs: readonly RecordRef[],
): AsyncGenerator<Fetched, void, undefined> {
  const told = new Set<string>()
  for (let at = 0; at < refs.length; at += groupSize) {
    const group = refs.slice(at, at + groupSize).map(({ recordId, parentId }) => ({ recordId, parentId }))
    const unanswered = new Set(group.map(({ recordId }) => recordId))
    for await (const fetched of stream.fetch(group, context)) {
      const id = fetchedId(fetched)
      if (!unanswered.delete(id)) throw new SourceProtocolError(`record ${id} was answered twice, or never asked for`)
      if (fetched.kind === 'unavailable' && fetched.reason === undefined && !told.has(fetched.detail)) {
        told.add(fetched.detail)
        context.notice?.(`record ${id} cannot be read by its id, and is left as it is: ${fetched.detail}`)
      }
      yield fetched
    }
    context.signal.throwIfAborted()
    const [first] = unanswered
    if (first !== undefined) {
      throw new SourceProtocolError(`${unanswered.size} records asked for by id got no answer, such as ${first}`)
    }
  }
}
