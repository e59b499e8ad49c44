/** Numbers drawn from a seed: the same key draws the same numbers in every process, so an account can be built again. */
export interface Draw {
  /** A whole number in [0, limit). */
  below(limit: number): number
  pick<T>(list: readonly T[], otherwise: T): T
  text(hexDigits: number): string
}

const golden = 0x9e3779b9

const mixed = (value: number): number => {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export const drawFor = (...key: readonly number[]): Draw => {
  let state = key.reduce((hash, part) => mixed(hash ^ mixed(part + golden)), key.length)
  const next = (): number => {
    state = (state + golden) | 0
    return mixed(state)
  }
  return {
    below: (limit) => next() % limit,
    pick: (list, otherwise) => list[next() % list.length] ?? otherwise,
    text: (hexDigits) => next().toString(16).padStart(8, '0').slice(0, hexDigits),
  }
}

/** Uuid-like; `kind` is what it names. Its last group is the ordinal: however many are made, no two of a kind are equal. */
export const seededUuid = (seed: number, kind: number, ordinal: number): string => {
  const draw = drawFor(seed, kind, ordinal)
  return `${draw.text(8)}-${draw.text(4)}-4${draw.text(3)}-8${draw.text(3)}-${ordinal.toString(16).padStart(12, '0')}`
}

/** A number that stands for a text, the same in every process. */
export const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mixed(hash)
}

/** The list in an order drawn from the key. */
export const shuffled = <T>(list: readonly T[], ...key: readonly number[]): readonly T[] => {
  const draw = drawFor(...key)
  return list
    .map((item) => ({ item, place: draw.below(2 ** 32) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
