import { ConfigError } from '../domain/errors.ts'
import type { Direction } from '../domain/recording-row.ts'
import { type Reading, read } from './reading.ts'

export interface DirectionWords {
  readonly inbound: readonly string[]
  readonly outbound: readonly string[]
}

/** Only words that cannot mean anything else; `in`, `1` or `internal` are for the operator to explain. */
const ownWords: readonly (readonly [string, Direction])[] = [
  ['inbound', 'inbound'],
  ['incoming', 'inbound'],
  ['outbound', 'outbound'],
  ['outgoing', 'outbound'],
]

const folded = (word: string): string => word.trim().toLowerCase()

export type DirectionReader = (text: string) => Reading<Direction | null>

const unknown: Reading<Direction | null> = read(null, 'direction-unknown')

/** What each word means, folded. Throws ConfigError when a word is to mean both. */
export const compileDirectionWords = (words: DirectionWords): ReadonlyMap<string, Direction> => {
  const inbound = words.inbound.map(folded)
  const outbound = words.outbound.map(folded)
  const both = inbound.find((word) => outbound.includes(word))
  if (both !== undefined) throw new ConfigError([`message_direction: "${both}" is listed as inbound and as outbound`])
  const meanings = new Map<string, Direction>(ownWords)
  for (const word of inbound) meanings.set(word, 'inbound')
  for (const word of outbound) meanings.set(word, 'outbound')
  return meanings
}

/**
 * Reads a direction by words in any case; the operator's words come before our own. An unknown word is null with the note
 * `direction-unknown`. Throws ConfigError when a word is to mean both.
 */
export const compileDirectionReader = (words: DirectionWords): DirectionReader => {
  const meanings = compileDirectionWords(words)
  const readings = new Map([...meanings].map(([word, direction]) => [word, read<Direction | null>(direction)]))
  return (text) => readings.get(text) ?? readings.get(folded(text)) ?? unknown
}
