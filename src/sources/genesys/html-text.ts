const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

const replacement = '\u{fffd}'

/** What a code stands for; U+FFFD for U+0000 and for half a surrogate pair, which are no characters. */
const character = (code: number): string =>
  code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? replacement : String.fromCodePoint(code)

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (all, decimal, hex, name) => {
    if (decimal !== undefined) return character(Number(decimal))
    if (hex !== undefined) return character(Number.parseInt(hex, 16))
    const key = String(name).toLowerCase()
    return (Object.hasOwn(entities, key) ? entities[key] : undefined) ?? all
  })

const opening = /^<(!--|(?:script|style|head)(?![\w-]))/i

/** What ends that which nobody sees. */
const endings: Readonly<Record<string, RegExp>> = {
  '!--': /--(?=>)/g,
  script: /<\/script(?=\s*>)/gi,
  style: /<\/style(?=\s*>)/gi,
  head: /<\/head(?=\s*>)/gi,
}

const lineEnd = /^<(?:br(?![\w-])|\/(?:p|div|tr|li|h[1-6])\s*>)/i

/** How much of a tag shows what it is. */
const tagStart = 16

/** Where a tag ends, or what is not seen behind it; `open`: names that nothing ends any more, so that it is looked for once. */
const hiddenUntil = (html: string, at: number, start: string, open: Set<string>): number => {
  const name = opening.exec(start)?.[1]?.toLowerCase() ?? ''
  const ending = Object.hasOwn(endings, name) ? endings[name] : undefined
  if (ending === undefined || open.has(name)) return at
  ending.lastIndex = at
  const found = ending.exec(html)
  if (found === null) open.add(name)
  return found?.index ?? at
}

/** One pass: an expression that looks for the end of each tag anew takes hours for a megabyte of `<`. */
const withoutTags = (html: string): string => {
  const parts: string[] = []
  const open = new Set<string>()
  let at = 0
  for (let tag = html.indexOf('<'); tag !== -1; tag = html.indexOf('<', at)) {
    const start = html.slice(tag, tag + tagStart)
    const end = html.indexOf('>', hiddenUntil(html, tag, start, open))
    if (end === -1) break
    parts.push(html.slice(at, tag), lineEnd.test(start) ? '\n' : '')
    at = end + 1
  }
  parts.push(html.slice(at))
  return parts.join('')
}

/** What an HTML body says, without its markup: for emails that have no plain text. Linear in its length. */
export const htmlText = (html: string): string =>
  decoded(withoutTags(html))
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
