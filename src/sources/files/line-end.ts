/**
 * How physical lines end. `lf`: at a line feed and the one or two carriage returns before it (two: a CSV writer on
 * Windows without newline=''); a lone carriage return is data. `any`: also at a lone carriage return (old Mac).
 */
export type LineEnds = 'lf' | 'any'

const carriageReturn = 13
const lineFeed = 10

const anyLineEnd = /[\r\n]/g

/** Where the next line end begins (in `lf` its line feed), or the length of the text. */
export const lineEndIndex = (text: string, from: number, lineEnds: LineEnds): number => {
  if (lineEnds === 'lf') {
    const at = text.indexOf('\n', from)
    return at === -1 ? text.length : at
  }
  anyLineEnd.lastIndex = from
  return anyLineEnd.exec(text)?.index ?? text.length
}

/** Where the next line starts; null when only the text that follows can tell (`\r`, and then perhaps `\n`). */
export const nextLineIndex = (text: string, lineEnd: number, lineEnds: LineEnds, isLast: boolean): number | null => {
  if (lineEnds === 'lf' || text.charCodeAt(lineEnd) === lineFeed) return lineEnd + 1
  if (lineEnd + 1 === text.length) return isLast ? lineEnd + 1 : null
  return text.charCodeAt(lineEnd + 1) === lineFeed ? lineEnd + 2 : lineEnd + 1
}

/** The end of `text.slice(start, end)` without its line end, of which a cut file may have only the carriage return. */
export const withoutLineEnd = (text: string, start: number, end: number, lineEnds: LineEnds): number => {
  let at = end
  if (at > start && text.charCodeAt(at - 1) === lineFeed) at -= 1
  const lowest = Math.max(start, at - (lineEnds === 'lf' ? 2 : 1))
  while (at > lowest && text.charCodeAt(at - 1) === carriageReturn) at -= 1
  return at
}

/** Line ends in a text; a carriage return and line feed are one. */
export const countLineEnds = (text: string, lineEnds: LineEnds): number => {
  let count = 0
  if (lineEnds === 'lf') {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
    return count
  }
  for (const _ of text.matchAll(/\r\n|[\r\n]/g)) count += 1
  return count
}

/** By the start of a file: only carriage returns outside quotes are an old Mac's line ends. */
export const detectLineEnds = (head: string): LineEnds => {
  const unquoted = head.replace(/"[^"]*"/g, '')
  return unquoted.includes('\r') && !unquoted.includes('\n') ? 'any' : 'lf'
}
