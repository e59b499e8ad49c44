import type { RecordRef } from '../domain/record-ref.ts'
import type { Window } from '../domain/window.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import { fetchEach } from './fetch-each.ts'
import { tellsOfJoinOnly } from './judge-stub.ts'
import { isNoId, keyOf } from './stub-key.ts'
import type { Found, WindowFinding } from './verify.ts'
import type { WindowLoader } from './window-loader.ts'

export interface Comparison {
  readonly stream: WindowStream
  readonly loader: Pick<WindowLoader, 'knownRecords' | 'recordsIn' | 'recordsWithoutRows'>
  readonly context: ReadContext
  /** Compares ids even where the counts agree. */
  readonly ids: boolean
}

type Kind = Exclude<keyof WindowFinding, 'window' | 'sourceCount' | 'storedCount'>

/** Collects ids by what they are; only the first are kept. */
class Findings {
  readonly #found = new Map<Kind, { count: number; readonly ids: string[] }>()

  add(kind: Kind, id: string): void {
    const found = this.#found.get(kind) ?? { count: 0, ids: [] }
    found.count += 1
    if (found.ids.length < 100) found.ids.push(id)
    this.#found.set(kind, found)
  }

  of(kind: Kind): Found {
    return this.#found.get(kind) ?? { count: 0, ids: [] }
  }
}

/** Throws WindowTooLarge when the source cannot prove the listing of the window. */
export const compareWindow = async (comparison: Comparison, window: Window): Promise<WindowFinding> => {
  const { stream, loader, context, ids } = comparison
  const findings = new Findings()
  const counted = ids ? null : ((await stream.count?.(window, context)) ?? null)
  let storedCount = 0
  const rowless = new Set<string>()
  for await (const page of loader.recordsIn(window)) {
    const lacking = await loader.recordsWithoutRows(page.map(({ recordId }) => recordId))
    for (const recordId of lacking) rowless.add(recordId)
    storedCount += page.length - lacking.length
  }
  const agrees = counted !== null && counted === storedCount && rowless.size === 0
  const sourceCount = agrees ? counted : await compareIds(comparison, window, rowless, findings)
  return {
    window,
    sourceCount,
    storedCount,
    missing: findings.of('missing'),
    vanished: findings.of('vanished'),
    moved: findings.of('moved'),
    unlisted: findings.of('unlisted'),
    unavailable: findings.of('unavailable'),
  }
}

/** Returns how many records the source lists. */
const compareIds = async (
  { stream, loader, context }: Comparison,
  window: Window,
  rowless: ReadonlySet<string>,
  findings: Findings,
): Promise<number> => {
  const listed = new Set<string>()
  for await (const page of stream.list(window, context)) {
    const shown = page.stubs.filter((stub) => !tellsOfJoinOnly(stub)).map((stub) => keyOf(stub).key)
    const fresh = [...new Set(shown)].filter((key) => !listed.has(key))
    const known = await loader.knownRecords(fresh)
    for (const key of fresh) {
      listed.add(key)
      const outcome = known.get(key)?.outcome
      if (outcome === undefined || outcome === 'deleted' || rowless.has(key)) findings.add('missing', key)
    }
    context.signal.throwIfAborted()
  }
  // At its edges a window may be listed once more or less.
  for await (const page of loader.recordsIn({ from: window.from + 1, to: window.to - 1 })) {
    const unlisted = page.filter(({ recordId }) => !listed.has(recordId))
    await askFor(stream, context, window, unlisted, findings)
  }
  return listed.size
}

const askFor = async (
  stream: WindowStream,
  context: ReadContext,
  window: Window,
  unlisted: readonly RecordRef[],
  findings: Findings,
): Promise<void> => {
  for (const { recordId } of unlisted) if (isNoId(recordId)) findings.add('unavailable', recordId)
  const askable = unlisted.filter(({ recordId }) => !isNoId(recordId))
  for await (const fetched of fetchEach({ stream, context }, askable)) {
    if (fetched.kind === 'gone') findings.add('vanished', fetched.recordId)
    else if (fetched.kind === 'unavailable') findings.add('unavailable', fetched.recordId)
    else {
      const { recordId, windowAt } = fetched.stub
      const inside = windowAt === null || (windowAt >= window.from && windowAt <= window.to)
      findings.add(inside ? 'unlisted' : 'moved', recordId)
    }
  }
}
