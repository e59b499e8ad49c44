import type { Content, Directory, Line } from './directory.ts'

/** A state of a record, with what decides which is the newer. */
interface State {
  readonly line: Exclude<Line, { readonly kind: 'malformed' }>
  readonly order: readonly [number, number]
}

const isNewer = (a: State, b: State | undefined): boolean =>
  b === undefined || a.order[0] > b.order[0] || (a.order[0] === b.order[0] && a.order[1] > b.order[1])

const statesOf = (contents: Iterable<Content>, stated: boolean): ReadonlyMap<string, readonly State[]> => {
  const states = new Map<string, State[]>()
  for (const { lines, modifiedAt, broken } of contents) {
    if (broken) continue
    for (const [place, line] of lines.entries()) {
      if (line.kind === 'malformed') continue
      const of = states.get(line.id) ?? []
      of.push({ line, order: [stated ? line.version : modifiedAt, place] })
      states.set(line.id, of)
    }
  }
  return states
}

const malformedIn = (contents: Iterable<Content>): ReadonlySet<string> => {
  const keys = new Set<string>()
  for (const { lines, hash, broken } of contents) {
    for (const [place, line] of lines.entries()) if (line.kind === 'malformed' && !broken) keys.add(`${hash}:${place}`)
  }
  return keys
}

const newestOf = (states: readonly State[], kind?: 'good'): State | undefined =>
  states
    .filter(({ line }) => kind === undefined || line.kind === kind)
    .reduce<State | undefined>((best, state) => (isNewer(state, best) ? state : best), undefined)

export interface Stored {
  readonly rows: ReadonlyMap<string, string>
  /** Keys of open rejects. */
  readonly rejects: ReadonlySet<string>
}

/**
 * What is wrong with the tables, in words; empty = nothing. What a sync has loaded for certain must be there. What one may
 * have loaded before it was stopped, and is gone from the directory since, may be there: newer, and never anything else.
 */
export const problemsOf = (directory: Directory, stored: Stored, stated: boolean): readonly string[] => {
  const loaded = statesOf(directory.loaded.values(), stated)
  const exposed = statesOf([...directory.exposed.values(), ...directory.loaded.values()], stated)
  const problems: string[] = []
  for (const [id, possible] of exposed) {
    const sure = loaded.get(id) ?? []
    const best = newestOf(sure)
    const row = stored.rows.get(id)
    const unsure = possible.filter((state) => isNewer(state, best))
    const good = newestOf(sure, 'good')
    const allowed = [
      ...possible.filter((state) => isNewer(state, good)),
      ...(good === undefined ? [] : [good]),
    ].flatMap(({ line }) => (line.kind === 'good' ? [line.text] : []))
    if (row === undefined ? good !== undefined : !allowed.includes(row)) {
      problems.push(`${id}: the row says ${row}; it should be one of ${allowed.join(', ') || 'none'}`)
    }
    if (unsure.length > 0) continue
    const isOpen = stored.rejects.has(id)
    if (isOpen !== (best?.line.kind === 'bad')) {
      problems.push(`${id}: its newest state is ${best?.line.kind}, and its reject is ${isOpen ? 'open' : 'not open'}`)
    }
  }
  for (const id of stored.rows.keys()) if (!exposed.has(id)) problems.push(`${id}: nobody ever wrote it`)
  const [sureKeys, possibleKeys] = [
    malformedIn(directory.loaded.values()),
    malformedIn([...directory.exposed.values(), ...directory.loaded.values()]),
  ]
  for (const key of sureKeys) if (!stored.rejects.has(key)) problems.push(`the bad line ${key} is not in quarantine`)
  for (const key of stored.rejects) {
    if (!possibleKeys.has(key) && !exposed.has(key)) problems.push(`${key}: in quarantine, and nobody ever wrote it`)
  }
  return problems
}
