import type { FileRecord } from '../source.ts'

/** A page is full at this many records, or sooner when this much text has been read for it. */
const enoughRecords = 500
const enoughText = 1_048_576
const mostRecords = 1_000

/**
 * Groups of any size as pages of at most 1,000 records. When the groups end with an error, the records before it are a
 * last page: they are good. `textRead` tells how many characters have been read for the groups so far.
 */
export async function* recordPages(
  groups: AsyncIterable<readonly FileRecord[]>,
  textRead: () => number,
): AsyncGenerator<readonly FileRecord[], void, undefined> {
  let page: readonly FileRecord[] = []
  let pageStart = textRead()
  try {
    for await (const group of groups) {
      page = page.length === 0 ? group : [...page, ...group]
      while (page.length >= enoughRecords || (page.length > 0 && textRead() - pageStart >= enoughText)) {
        const full = page.slice(0, mostRecords)
        page = page.slice(mostRecords)
        pageStart = textRead()
        yield full
      }
    }
  } catch (error) {
    if (page.length > 0) yield page
    throw error
  }
  if (page.length > 0) yield page
}
