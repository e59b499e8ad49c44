import type { Window } from '../../src/domain/window.ts'
import type { ApiSource, Fetched, ReadContext, Stub, StubPage, WindowStream } from '../../src/sources/source.ts'

export const second = 1_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** A source with what tests ask of its first stream. */
export interface OpenedSource {
  readonly source: ApiSource
  readonly stream: WindowStream
  readonly context: ReadContext
  readonly notices: readonly string[]
  /** Pages of a window, all read. */
  list(window?: Window): Promise<readonly StubPage[]>
  stubs(window?: Window): Promise<readonly Stub[]>
  fetch(...recordIds: readonly string[]): Promise<readonly Fetched[]>
}

/** Array.fromAsync is not in Node 20. */
export const allOf = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** `usual`: the window that is listed when a test names none. */
export const openedSource = (
  source: ApiSource,
  {
    usual,
    signal = new AbortController().signal,
  }: { readonly usual: Window; readonly signal?: AbortSignal | undefined },
): OpenedSource => {
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const notices: string[] = []
  const context: ReadContext = { signal, notice: (message) => notices.push(message) }
  const list = (window = usual) => allOf(stream.list(window, context))
  return {
    source,
    stream,
    context,
    notices,
    list,
    stubs: async (window) => (await list(window)).flatMap(({ stubs }) => stubs),
    fetch: (...recordIds) =>
      allOf(
        stream.fetch(
          recordIds.map((recordId) => ({ recordId, parentId: null })),
          context,
        ),
      ),
  }
}

/** Ids of all stubs, each once, sorted. */
export const idsOf = (stubs: readonly Stub[]): readonly string[] =>
  [...new Set(stubs.map(({ recordId }) => recordId ?? 'no id'))].sort()
