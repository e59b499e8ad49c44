import type { Query } from '../simulated-request.ts'
import { type AskedPage, readPage } from './query.ts'

export const pageMeta = (asked: AskedPage, total: number) => ({
  page_number: asked.number,
  page_size: asked.size,
  total_pages: Math.ceil(total / asked.size),
  total_results: total,
})

/** The envelope of lists without traps of their own. */
export const numberedPage = (items: readonly unknown[], query: Query, largestSize: number) => {
  const asked = readPage(query, largestSize)
  const first = (asked.number - 1) * asked.size
  return { data: items.slice(first, first + asked.size), meta: pageMeta(asked, items.length) }
}
