import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { formatInstant } from '../../transform/instant.ts'
import { defaultMaxPages, doesNotAddUp, SeenItems } from '../http/page-guards.ts'
import type { ReadContext } from '../source.ts'
import type { ListAnswer } from './answer.ts'
import { TokenRefused, type VoipbinApi } from './api.ts'
import { askPage, itemKey, itemTime, type ListPage, largestPage, type Walk } from './list-page.ts'
import { formOf, otherForm, type TimeForm, writeTime } from './times.ts'
import { walkFromTop } from './walk-from-top.ts'

const refused =
  'VoIPBIN refuses page tokens that it did not give: every window is read from the newest recording on, which takes many more requests'

/** How the server writes the tokens of this walk. A list of one resource is walked once, from its newest on. */
const formsFor = (api: VoipbinApi, { window }: Walk): Map<string, TimeForm> =>
  Number.isFinite(window.to) ? api.tokenForms : new Map()

interface Walking {
  readonly api: VoipbinApi
  readonly walk: Walk
  readonly forms: Map<string, TimeForm>
  readonly context: ReadContext
}

/** Items created before `below`, by a token in the form in which the server writes its own, else in the other one. */
const askBelow = async ({ api, walk, forms, context }: Walking, below: EpochMicros | null): Promise<ListPage> => {
  const form = forms.get(walk.path) ?? 'rfc3339'
  const ask = (token: string | null) => askPage(api, walk, { token, below, size: largestPage }, context)
  if (below === null) return ask(null)
  try {
    return await ask(writeTime(below, form))
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    return ask(writeTime(below, otherForm(form)))
  }
}

/** Those of the oldest microsecond of a page: the next one begins with them. */
const oldestKeys = ({ items, times }: ListPage): readonly string[] => {
  const oldest = times.at(-1)
  return oldest === undefined ? [] : items.filter((item) => itemTime(item) === oldest).map(itemKey)
}

const holdsAny = ({ items }: ListPage, keys: readonly string[]): boolean => {
  const held = new Set(items.map(itemKey))
  return keys.some((key) => held.has(key))
}

/**
 * The page below, which begins with what `before` ended with. One that does not may leave a hole between them: the server may
 * compare more coarsely than it writes, or what lay there was deleted meanwhile. Then it is asked for again from the middle of
 * `before` on. Throws SourceProtocolError when that shows nothing of it either.
 */
const askOverlapping = async (
  walking: Walking,
  below: EpochMicros | null,
  before: ListPage | null,
): Promise<ListPage> => {
  const page = await askBelow(walking, below)
  const middle = before?.times[Math.floor(before.times.length / 2)]
  if (before === null || middle === undefined || holdsAny(page, oldestKeys(before))) return page
  const above = (Math.floor(middle / microsPerSecond) + 1) * microsPerSecond
  const again = await askBelow(walking, above)
  if (holdsAny(again, before.items.map(itemKey))) return again
  throw new SourceProtocolError(
    `${walking.walk.what}: what lies before ${formatInstant(above)} does not begin with what was listed there a moment ago: ` +
      'its page token is not obeyed, or all of it was deleted meanwhile; the next run reads it again',
  )
}

/**
 * What to ask for next; null at the end. The server compares with `<` and breaks no ties, so that the token it gives loses
 * items of the microsecond at which a page ends: what is asked for lies one microsecond later, and begins with what was
 * seen. A short page ends nothing.
 */
const nextBelow = (
  { what, window }: Walk,
  { items, times, tokenTime, size }: ListPage,
  asked: { readonly below: EpochMicros | null; readonly fresh: number },
): EpochMicros | null => {
  const oldest = times.at(-1) ?? Number.NEGATIVE_INFINITY
  if (tokenTime === null || (times.length > 0 && oldest < window.from)) return null
  if (items.length > 0 && asked.fresh === 0) {
    if (items.length < size) return null
    throw new SourceProtocolError(
      `${what}: a full page holds nothing new: the server repeats itself, or ${size} items share one microsecond`,
    )
  }
  const next = Math.min(Math.max(tokenTime, oldest), window.to) + 1
  const leadsDown = asked.below === null || next < asked.below
  return items.length === 0 && !leadsDown ? null : next
}

async function* walkByTime(
  api: VoipbinApi,
  walk: Walk,
  context: ReadContext,
): AsyncGenerator<ListPage, void, undefined> {
  const { what, path, window } = walk
  const forms = formsFor(api, walk)
  const walking: Walking = { api, walk, forms, context }
  const seen = new SeenItems(itemKey)
  let before: ListPage | null = null
  let below = forms.has(path) ? window.to + 1 : null
  for (let pages = 1; ; pages += 1) {
    const page: ListPage = await askOverlapping(walking, below, before)
    if (below !== null && Number.isFinite(window.to)) api.takesOurTokens.add(path)
    if (page.nextToken !== null) forms.set(path, formOf(page.nextToken))
    const next = nextBelow(walk, page, { below, fresh: seen.add(page.items) })
    yield page
    if (next === null) return
    // After a jump down to the window nothing of what lies above it is shown again.
    if (page.items.length > 0) before = (page.times.at(-1) ?? Number.POSITIVE_INFINITY) <= window.to ? page : null
    below = next
    const atFloor = window.to - window.from <= 1 || !Number.isFinite(window.from)
    if (pages >= defaultMaxPages)
      throw doesNotAddUp({ what, idOf: () => null, atFloor }, `it goes on after ${pages} pages`)
  }
}

/**
 * The pages of a listing that may hold items of the window. The first walk of a process begins with the newest, as it shows
 * how the server writes its tokens; so does one whose own tokens are refused. Throws SourceProtocolError for a listing that is
 * out of order or goes in circles.
 */
export async function* walkDown(
  api: VoipbinApi,
  walk: Walk,
  context: ReadContext,
): AsyncGenerator<ListAnswer, void, undefined> {
  try {
    yield* walkByTime(api, walk, context)
  } catch (error) {
    // Refused once, of a server that takes them, it is a fault that the next run may not meet: the way from the top may be long.
    if (!(error instanceof TokenRefused) || api.takesOurTokens.has(walk.path)) throw error
    api.noticeOnce(refused, context)
    yield* walkFromTop(api, walk, context)
  }
}
