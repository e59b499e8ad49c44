/**
 * What a reader makes of one cell: a value, or why there is none. A reader never throws for what a source wrote; `note`
 * counts a value that is worth knowing about (`time-in-dst-overlap`), `code` and `detail` become a reject reason.
 */
export type Reading<T> = Read<T> | Invalid

export interface Read<T> {
  readonly kind: 'value'
  readonly value: T
  readonly note: string | null
}

export interface Invalid {
  readonly kind: 'invalid'
  readonly code: string
  readonly detail: string
}

export const read = <T>(value: T, note: string | null = null): Read<T> => ({ kind: 'value', value, note })

export const invalid = (code: string, detail: string): Invalid => ({ kind: 'invalid', code, detail })
