import type { Window } from '../../domain/window.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { GenesysSettings } from './settings.ts'

interface Predicate {
  readonly type: 'dimension'
  readonly dimension: string
  readonly operator: 'matches' | 'exists' | 'notExists'
  readonly value?: string
}

interface Filter {
  readonly type: 'and' | 'or'
  readonly predicates: readonly Predicate[]
}

/** A part of a day that holds too much: conversations or segments with this value, or with none (null). */
export interface Facet {
  readonly of: 'conversation' | 'segment'
  readonly dimension: 'originatingDirection' | 'mediaType' | 'divisionId'
  readonly value: string | null
}

const predicate = (dimension: string, value: string | null): Predicate =>
  value === null
    ? { type: 'dimension', dimension, operator: 'notExists' }
    : { type: 'dimension', dimension, operator: 'matches', value }

const ended: Predicate = { type: 'dimension', dimension: 'conversationEnd', operator: 'exists' }

const mediaPredicate = (media: GenesysSettings['media'][number]): Predicate =>
  media === 'audio' ? predicate('recording', 'true') : predicate('mediaType', media)

const facetFilter = ({ dimension, value }: Facet): Filter => ({
  type: 'and',
  predicates: [predicate(dimension, value)],
})

/** Milliseconds are the finest that intervals have; they are widened, never narrowed. */
const intervalOf = ({ from, to }: Window): string => {
  const millis = { from: Math.floor(from / 1000) * 1000, to: Math.ceil(to / 1000) * 1000 }
  return [millis.from, millis.to].map((at) => formatInstant(at).replace(/(\.\d{3})\d*Z$/, '$1Z')).join('/')
}

/** What is asked of a listing and of a job alike: conversations that have ended, with what the settings want. */
export const conversationsIn = (
  interval: Window,
  media: GenesysSettings['media'],
  facets: readonly Facet[] = [],
): object => ({
  interval: intervalOf(interval),
  conversationFilters: [
    { type: 'and', predicates: [ended] },
    ...facets.filter((facet) => facet.of === 'conversation').map(facetFilter),
  ],
  segmentFilters: [
    { type: 'or', predicates: media.map(mediaPredicate) },
    ...facets.filter((facet) => facet.of === 'segment').map(facetFilter),
  ],
})
