/** Text that is HTML already. Only `tag` and `fragment` make it: what they are given as text is escaped. */
export class Markup {
  readonly html: string

  private constructor(html: string) {
    this.html = html
  }

  /** For this module, and for text of our own that is markup as it stands. */
  static of(html: string): Markup {
    return new Markup(html)
  }
}

export type Child = Markup | string | number | null

export type Attributes = Readonly<Record<string, string | number | null>>

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that HTML refuses, and those that turn the direction of what stands around them, are no text. */
const harmful = /[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/gu

const escapeText = (text: string): string =>
  text.replaceAll(harmful, '\uFFFD').replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')

/** Whole pixels and tenths are all that is seen. */
const numberText = (value: number): string => String(Math.round(value * 10) / 10)

const attributeText = ([name, value]: readonly [string, string | number | null]): string => {
  if (value === null) return ''
  return ` ${name}="${typeof value === 'number' ? numberText(value) : escapeText(value)}"`
}

const childHtml = (child: Child): string => {
  if (child === null) return ''
  return child instanceof Markup ? child.html : escapeText(String(child))
}

export const fragment = (...children: readonly Child[]): Markup => Markup.of(children.map(childHtml).join(''))

const voidTags = ['meta', 'link', 'br']

/** An element of HTML or SVG. Attributes that are null are left out. */
export const tag = (name: string, attributes: Attributes, ...children: readonly Child[]): Markup => {
  const head = `<${name}${Object.entries(attributes).map(attributeText).join('')}>`
  return Markup.of(voidTags.includes(name) ? head : `${head}${children.map(childHtml).join('')}</${name}>`)
}
