import type { Direction } from '../domain/recording-row.ts'
import type { LegendEntry } from './figure.ts'

/** In the order in which they are stacked. */
export const directions: readonly (LegendEntry & { readonly direction: Direction | null })[] = [
  { direction: 'inbound', name: 'inbound', fill: 'inbound' },
  { direction: 'outbound', name: 'outbound', fill: 'outbound' },
  { direction: null, name: 'unknown', fill: 'unknown' },
]
