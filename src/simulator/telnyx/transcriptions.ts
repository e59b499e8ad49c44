import type { Query } from '../simulated-request.ts'
import type { StoredTranscription } from './account-state.ts'
import { pageMeta } from './numbered-page.ts'
import { type AskedPage, boundsOf, parameterOf, readFilters, readPage } from './query.ts'
import { badRequest, notFound } from './refused-request.ts'
import type { Endpoint, Served } from './served.ts'

const largestPage = 250

const found = ({ account }: Served, query: Query): readonly StoredTranscription[] => {
  const filters = readFilters(query)
  const [from, to] = boundsOf(filters, 'created_at')
  const wanted = filters.filter(({ field, operator }) => field === 'recording_id' && operator === null)
  return account.transcriptions
    .between(from, Math.min(to, account.now()))
    .filter(({ content }) => wanted.every(({ value }) => content.recording_id === value))
}

/** Opaque to the reader: where the page behind (`after`) or before it ends. */
const tokenAt = (start: number): string => Buffer.from(`start:${start}`).toString('base64url')

const startOf = (query: Query, name: string): number | null => {
  const token = parameterOf(query, name)
  if (token === undefined) return null
  const start = /^start:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (start === undefined) throw badRequest(`${name} is no page token`, name)
  return Number(start)
}

/** Page tokens lead as well as page numbers, whatever meta says. */
const startAt = (query: Query, asked: AskedPage): number => {
  const before = startOf(query, 'page[before]')
  if (before !== null) return Math.max(0, before - asked.size)
  return startOf(query, 'page[after]') ?? (asked.number - 1) * asked.size
}

const pagingNames = ['page[number]', 'page[after]', 'page[before]']

const pathWith = ({ storageUrl, traps }: Served, query: Query, name: string, token: string): string => {
  const asked = new URLSearchParams(query.filter(([given]) => !pagingNames.includes(given)).map(([...pair]) => pair))
  asked.append(name, token)
  const path = `/v2/recording_transcriptions?${asked}`
  return traps.transcriptionMeta === 'token-elsewhere' ? `${storageUrl}${path}` : path
}

/** What the docs type the meta as: tokens and paths instead of numbers (trap 17). Nothing leads on from the last page. */
const tokenMeta = (served: Served, query: Query, start: number, end: number, total: number) => {
  const after = end < total ? tokenAt(end) : null
  const before = start > 0 ? tokenAt(start) : null
  return {
    cursors: { after, before },
    next: after === null ? null : pathWith(served, query, 'page[after]', after),
    previous: before === null ? null : pathWith(served, query, 'page[before]', before),
  }
}

export const listTranscriptions: Endpoint = (served, query) => {
  const asked = readPage(query, largestPage)
  const all = found(served, query).toReversed()
  const start = startAt(query, asked)
  const data = all.slice(start, start + asked.size).map(({ content }) => content)
  const meta =
    served.traps.transcriptionMeta === 'pages'
      ? pageMeta(asked, all.length)
      : tokenMeta(served, query, start, start + asked.size, all.length)
  return { data, meta }
}

export const oneTranscription: Endpoint = ({ account }, _query, id) => {
  const stored = account.transcriptionsById.get(id)
  if (stored === undefined || stored.at > account.now()) throw notFound()
  return { data: stored.content }
}
