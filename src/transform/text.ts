/** Cells that dumps write for "nothing". Exact: the surnames Null and Na are names. */
export const defaultPlaceholders: readonly string[] = [
  'NULL',
  'null',
  'N/A',
  'n/a',
  'NA',
  'na',
  '-',
  'none',
  'NONE',
  'None',
  'NaN',
  'nan',
  '\\N',
  '#N/A',
]

/** Outermost characters that no trim would remove; asking `trim` costs more than the whole rest for a short cell. */
const isInk = (code: number): boolean => code > 0x20 && code < 0x7f

/** Without the white space around it, any Unicode space included. */
export const trimmed = (text: string): string =>
  isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(text.length - 1)) ? text : text.trim()

/** Reads a cell as its trimmed text; null for a blank and for the placeholders, which are compared exactly. */
export const compileTextReader = (
  placeholders: readonly string[] = defaultPlaceholders,
): ((cell: string) => string | null) => {
  const known = new Set(placeholders.map((placeholder) => placeholder.trim()))
  const longest = Math.max(0, ...Array.from(known, (placeholder) => placeholder.length))
  return (cell) => {
    const text = trimmed(cell)
    if (text.length === 0) return null
    return text.length <= longest && known.has(text) ? null : text
  }
}

/** Whether Postgres can hold the text: no U+0000, no lone surrogate. */
export const isStorable = (text: string): boolean => text.isWellFormed() && text.indexOf('\0') === -1

export interface CleanText {
  readonly text: string
  /** Characters that became U+FFFD. */
  readonly replaced: number
}

const unstorable = /[\0\p{Surrogate}]/gu

/** U+0000 and lone surrogates, which Postgres refuses together with the whole batch, become U+FFFD. */
export const cleanText = (text: string): CleanText => {
  if (isStorable(text)) return { text, replaced: 0 }
  return { text: text.replace(unstorable, '\ufffd'), replaced: text.match(unstorable)?.length ?? 0 }
}
