/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from 'playwright-core'

export interface SeenPlot {
  readonly figure: string
  /** Shapes that stand for data, and are drawn. */
  readonly marks: number
  readonly labels: number
  /** Words that are drawn over each other, and words and shapes that stick out of their plot. */
  readonly overlapping: readonly string[]
  readonly sticksOut: readonly string[]
  readonly title: string
}

/** Runs in the page: what can be seen of every plot that is shown. */
const look = (): readonly SeenPlot[] =>
  Array.from(document.querySelectorAll('figure svg'))
    .filter((svg) => svg.getBoundingClientRect().width > 0)
    .map((svg) => {
      const box = svg.getBoundingClientRect()
      const named = (elements: Element[]) =>
        elements.map((element) => {
          const text = Array.from(element.childNodes).filter((node) => node.nodeName === '#text')
          return {
            box: element.getBoundingClientRect(),
            name: text.map((node) => node.textContent).join('') || element.outerHTML,
          }
        })
      const texts = named(Array.from(svg.querySelectorAll('text')))
      const shapes = named(Array.from(svg.querySelectorAll('.bar rect:not(.pointer), .bar circle')))
      const overlapping = texts.flatMap((a, index) =>
        texts.slice(index + 1).flatMap((b) => {
          const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
          const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
          return width > 0.5 && height > 3 ? [`${a.name} / ${b.name}`] : []
        }),
      )
      const out = [...texts, ...shapes].filter(
        ({ box: { left, right, top, bottom } }) =>
          left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1,
      )
      return {
        figure: svg.closest('figure')?.id ?? '',
        marks: shapes.filter(({ box: { width, height } }) => width > 0 && height > 0).length,
        labels: texts.length,
        overlapping,
        sticksOut: out.map(({ name }) => name),
        title: document.getElementById(svg.getAttribute('aria-labelledby')?.split(' ')[0] ?? '')?.textContent ?? '',
      }
    })

export const seenPlots = (page: Page): Promise<readonly SeenPlot[]> => page.evaluate(look)

/** Runs in the page: how well words stand out from the card they are on (WCAG: 4.5 and more), the worst first. */
const contrasts = (): readonly number[] => {
  const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => channel(Number(part) / 255))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ground = luminance(getComputedStyle(document.querySelector('.card') ?? document.body).backgroundColor)
  const colors = Array.from(document.querySelectorAll('.card h2, .card p, .card th, .card td, .card summary')).map(
    (element) => getComputedStyle(element).color,
  )
  const fills = Array.from(document.querySelectorAll('figure svg text')).map(
    (element) => getComputedStyle(element).fill,
  )
  return [...colors, ...fills]
    .map(luminance)
    .map((light) => (Math.max(light, ground) + 0.05) / (Math.min(light, ground) + 0.05))
    .sort((a, b) => a - b)
}

export const textContrasts = (page: Page): Promise<readonly number[]> => page.evaluate(contrasts)
