import { excerpt } from '../../transform/excerpt.ts'

const shown = 20

/** Names for an error message, at most 20. Excerpts: the header of a file that has none is somebody's first record. */
export const namesList = (names: readonly string[]): string => {
  const list = names.slice(0, shown).map(excerpt).join(', ')
  return names.length > shown ? `${list} and ${names.length - shown} more` : list
}
