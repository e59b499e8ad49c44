import type { EpochMicros } from './instant.ts'
import type { Window } from './window.ts'

/** The time that lies in any of the windows: sorted, disjoint, not touching, none of them empty. */
export const unite = (windows: readonly Window[]): readonly Window[] => {
  const sorted = windows.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)
  const united: Window[] = []
  for (const next of sorted) {
    const last = united.at(-1)
    if (last === undefined || next.from > last.to) united.push(next)
    else if (next.to > last.to) united[united.length - 1] = { from: last.from, to: next.to }
  }
  return united
}

/** The time of the range that none of the windows holds, in time order. */
export const subtract = (range: Window, windows: readonly Window[]): readonly Window[] => {
  const rest: Window[] = []
  let at = range.from
  for (const { from, to } of unite(windows)) {
    if (from > at) rest.push({ from: at, to: Math.min(from, range.to) })
    at = Math.max(at, to)
    if (at >= range.to) break
  }
  if (at < range.to) rest.push({ from: at, to: range.to })
  return rest.filter(({ from, to }) => from < to)
}

/** The cursor: until when everything from `start` on is covered; `start` when nothing is. */
export const contiguousEnd = (covered: readonly Window[], start: EpochMicros): EpochMicros =>
  unite(covered).find(({ from, to }) => from <= start && start < to)?.to ?? start

/** The holes between covered ranges. */
export const gaps = (covered: readonly Window[]): readonly Window[] => {
  const united = unite(covered)
  const first = united[0]
  const last = united.at(-1)
  return first === undefined || last === undefined ? [] : subtract({ from: first.from, to: last.to }, united)
}

/** The windows, cut where they are longer than `maxWindow`: as few as possible, in their order. */
export const cut = (windows: readonly Window[], maxWindow: number): readonly Window[] =>
  windows.flatMap(({ from, to }) =>
    Array.from({ length: Math.ceil((to - from) / maxWindow) }, (_, n) => ({
      from: from + n * maxWindow,
      to: Math.min(from + (n + 1) * maxWindow, to),
    })),
  )

export const overlaps = (a: Window, b: Window): boolean => a.from < b.to && b.from < a.to
