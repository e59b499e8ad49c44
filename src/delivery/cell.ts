import { defaultPlaceholders } from '../transform/text.ts'

/** What ends a line somewhere, and what no cell may hold: controls with CR, LF, TAB and U+0000, and Unicode's own line ends. */
const unwritable = /[\p{Cc}\u2028\u2029]+/gu

export const hasUnwritable = (text: string): boolean => text.search(unwritable) !== -1

const placeholders = new Set(defaultPlaceholders)

const longestPlaceholder = Math.max(...defaultPlaceholders.map((placeholder) => placeholder.length))

/**
 * Words that stand for "nothing" where they are a whole cell: Travtus refuses or clears them. Compared exactly, as on the way
 * in: the surnames Null and Na are names. `none` is one in any case, as Travtus's own pages write it for "no default".
 */
export const isPlaceholder = (text: string): boolean =>
  text.length <= longestPlaceholder && (placeholders.has(text) || text.toLowerCase() === 'none')

/** One line without blanks around it; null for what is blank or a placeholder. */
export const cleanCell = (text: string | null): string | null => {
  if (text === null) return null
  const line = text.toWellFormed().replaceAll(unwritable, ' ').trim()
  return line === '' || isPlaceholder(line) ? null : line
}
