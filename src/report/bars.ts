import { fragment, type Markup, tag } from './markup.ts'
import { fitted, textWidth } from './text-width.ts'

/** A line of a plot of horizontal bars: its words stand above the bar, so that a phone is wide enough. */
export interface BarRow {
  readonly label: string
  /** At the right end: the number. */
  readonly note: string
  readonly parts: readonly { readonly fill: string; readonly value: number; readonly title: string }[]
}

const rowHeight = 40
const barTop = 20
const barHeight = 12

/** More would be a wall; the table has them all. */
export const mostRows = 15

/** The words of a row, the label cut where it would run into the note. */
export const rowWords = (label: string, note: string, top: number, width: number): Markup =>
  fragment(
    tag(
      'text',
      { class: 'label', x: 0, y: top + 13 },
      tag('title', {}, label),
      fitted(label, width - textWidth(note) - 16),
    ),
    tag('text', { class: 'note', x: width, y: top + 13, 'text-anchor': 'end' }, note),
  )

/** `whole`: the value that fills the width; null = each row is filled by its own sum. */
export const drawBars =
  (rows: readonly BarRow[], whole: number | null) =>
  (width: number): { readonly height: number; readonly marks: Markup } => {
    const shown = rows.slice(0, mostRows)
    const marks = shown.map(({ label, note, parts }, index) => {
      const top = index * rowHeight
      const full = whole ?? parts.reduce((sum, { value }) => sum + value, 0)
      let left = 0
      const rects = parts.flatMap(({ fill, value, title }) => {
        if (value === 0) return []
        const x = left
        // What is there is seen, however little it is.
        const drawn = Math.max((value / full) * width, 2)
        left += (value / full) * width
        const rect = { class: fill, x: Math.min(x, width - drawn), y: top + barTop, width: drawn, height: barHeight }
        return [tag('g', { class: 'bar' }, tag('title', {}, title), tag('rect', rect))]
      })
      const track = tag('rect', { class: 'track', x: 0, y: top + barTop, width, height: barHeight })
      return fragment(rowWords(label, note, top, width), track, ...rects)
    })
    return { height: shown.length * rowHeight, marks: fragment(...marks) }
  }
