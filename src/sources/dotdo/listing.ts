import { SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Query } from '../http/http-client.ts'
import { type TokenPage, tokenPages } from '../http/token-pages.ts'
import type { ReadContext, Stub, StubPage } from '../source.ts'
import { type ListAnswer, readList } from './answer.ts'
import type { DotdoApi } from './api.ts'
import { idOf } from './fields.ts'
import type { DotdoSettings } from './settings.ts'
import { stubOf } from './stub.ts'

const written = (at: EpochMicros, times: DotdoSettings['parameters']['times']): string => {
  if (times === 'iso') return formatInstant(at)
  return String(Math.floor(at / (times === 'unix_s' ? 1_000_000 : 1_000)))
}

/** Coarser times are cut to the one before: the edge of a window may show a record too many, which is asked for by name. */
const grain = { iso: 1, unix_s: 1_000_000, unix_ms: 1_000 } as const

const describe = ({ connectionId }: DotdoApi, { from, to }: Window): string =>
  `connection ${connectionId}: recordings created from ${formatInstant(from)} to ${formatInstant(to)}`

const requireWithin = (stub: Stub, { from, to }: Window, step: number, what: string): void => {
  if (stub.windowAt === null || (stub.windowAt >= from - step && stub.windowAt <= to + step)) return
  throw new SourceProtocolError(
    `${what}: the answer holds ${stub.recordId ?? 'a record without id'}, created ${formatInstant(stub.windowAt)}, which was not asked for`,
  )
}

/** Along the page tokens, until an answer has none. A full answer that names neither a token nor null is none of a whole window. */
export async function* listWindow(
  api: DotdoApi,
  window: Window,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const { client, settings } = api
  const { path, page_size, parameters } = settings
  const what = describe(api, window)
  const bounds: Query = [
    [parameters.from, written(window.from, parameters.times)],
    [parameters.to, written(window.to, parameters.times)],
    [parameters.limit, String(page_size)],
  ]
  const ask = async (token: string | null): Promise<TokenPage<unknown, ListAnswer>> => {
    const query = token === null ? bounds : [...bounds, [parameters.page_token, token] as const]
    const answer = readList(await client.json({ path, query }, context), what)
    const { items, nextToken = null } = answer
    if (answer.nextToken === undefined && items.length >= page_size)
      throw new WindowTooLarge(`${what}: the answer is full, and does not say whether there are more`)
    return { items, nextToken, answer }
  }
  const named = (item: unknown): string | null => (isJsonObject(item) ? (idOf(item, []) ?? null) : null)
  for await (const { items, answer } of tokenPages({ what, idOf: named, ask })) {
    const stubs = items.map(stubOf)
    for (const stub of stubs) requireWithin(stub, window, grain[parameters.times], what)
    yield { stubs, readAt: answer.answer.askedAt, servedAt: answer.answer.servedAt, total: null }
  }
}
