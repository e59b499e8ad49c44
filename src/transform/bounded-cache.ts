/** A cache that holds at most twice `size` entries: the recent ones, and those of the generation before. */
export interface BoundedCache<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
}

/**
 * Forgets by whole generations, so that a hit costs one look-up and no reordering.
 *
 * Keys are copied: a cell cut out of a text keeps the whole text alive in V8, and a cache of such keys would hold a chunk
 * of the file for every one of them.
 */
export const createBoundedCache = <T>(size: number): BoundedCache<T> => {
  let recent = new Map<string, T>()
  let older = new Map<string, T>()
  const set = (key: string, value: T): void => {
    if (recent.size >= size) {
      older = recent
      recent = new Map()
    }
    recent.set(Buffer.from(key, 'utf16le').toString('utf16le'), value)
  }
  const get = (key: string): T | undefined => {
    const value = recent.get(key)
    if (value !== undefined) return value
    const kept = older.get(key)
    if (kept !== undefined) set(key, kept)
    return kept
  }
  return { get, set }
}
