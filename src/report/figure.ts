import { type Child, fragment, type Markup, tag } from './markup.ts'

/** Widths in which every plot is drawn: the page shows the one that fits, so that text stays as large as text is. */
export const plotWidths = { wide: { full: 1038, half: 488 }, narrow: { full: 348, half: 348 } } as const

export interface LegendEntry {
  /** The class that fills it. */
  readonly fill: string
  readonly name: string
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export interface Figure {
  /** Of its elements, unique on the page: `volume`. */
  readonly id: string
  readonly title: string
  /** What it shows in one sentence, with the numbers that matter. */
  readonly summary: string
  readonly size: 'full' | 'half'
  readonly legend: readonly LegendEntry[]
  /** Null: there is nothing to draw, and the summary says so. */
  readonly draw: ((width: number) => { readonly height: number; readonly marks: Markup }) | null
  /** The same as a table. */
  readonly table: Table
}

const svg = ({ id, title, summary, size, draw }: Figure, form: 'wide' | 'narrow'): Markup | null => {
  if (draw === null) return null
  const width = plotWidths[form][size]
  const { height, marks } = draw(width)
  const name = `${id}-${form}`
  return tag(
    'svg',
    {
      class: form,
      viewBox: `0 0 ${width} ${Math.ceil(height)}`,
      role: 'img',
      'aria-labelledby': `${name}-title ${name}-desc`,
    },
    tag('title', { id: `${name}-title` }, title),
    tag('desc', { id: `${name}-desc` }, summary),
    marks,
  )
}

const isNumber = (cell: string | number | undefined): boolean => typeof cell === 'number'

/** In a box of its own that scrolls, so that a wide table does not widen the page. */
export const tableMarkup = (caption: string, { head, rows }: Table): Markup => {
  const cell = (name: string, content: Child, number: boolean, attributes = {}) =>
    tag(name, { class: number ? 'number' : null, ...attributes }, content)
  const numbers = head.map((_, index) => rows.some((row) => isNumber(row[index])))
  const headCells = head.map((text, index) => cell('th', text, numbers[index] === true, { scope: 'col' }))
  const bodyRows = rows.map((row) => {
    const cells = row.map((value, index) => {
      const text = typeof value === 'number' ? value.toLocaleString('en') : value
      return index === 0 ? cell('th', text, false, { scope: 'row' }) : cell('td', text, numbers[index] === true)
    })
    return tag('tr', {}, ...cells)
  })
  return tag(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    tag(
      'table',
      {},
      tag('caption', {}, caption),
      tag('thead', {}, tag('tr', {}, ...headCells)),
      tag('tbody', {}, ...bodyRows),
    ),
  )
}

const legendMarkup = (legend: readonly LegendEntry[]): Markup | null => {
  if (legend.length === 0) return null
  const entries = legend.map(({ fill, name }) => tag('li', {}, tag('i', { class: `swatch ${fill}` }), name))
  return tag('ul', { class: 'legend', 'aria-hidden': 'true' }, ...entries)
}

/** A plot with its title, its words and its table. */
export const figureMarkup = (figure: Figure): Markup => {
  const { id, title, summary, size, draw, legend, table } = figure
  const plots = draw === null ? null : fragment(legendMarkup(legend), svg(figure, 'wide'), svg(figure, 'narrow'))
  const alternative = tag('details', {}, tag('summary', {}, 'The same as a table'), tableMarkup(title, table))
  return tag(
    'figure',
    { id, class: `card ${size}` },
    tag('figcaption', {}, tag('h2', {}, title), tag('p', {}, summary)),
    plots,
    table.rows.length === 0 ? null : alternative,
  )
}
