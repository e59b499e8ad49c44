/** Of 12-pixel text in the widest of the usual fonts; scripts with square characters take twice as much. */
const pixels = (character: string): number => {
  if ((character.codePointAt(0) ?? 0) >= 0x1100) return 13
  return /[mwMW@%]/.test(character) ? 11 : /[ilj.,:;'|!()[\]]/.test(character) ? 5 : 7.5
}

/** How wide a text is drawn, rather too wide than too narrow: nobody can ask the browser here. */
export const textWidth = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + pixels(character), 0)

/** The text, or as much of its beginning as fits. */
export const fitted = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text
  const kept: string[] = []
  let used = textWidth('…')
  for (const character of text) {
    used += textWidth(character)
    if (used > width) break
    kept.push(character)
  }
  return `${kept.join('')}…`
}
