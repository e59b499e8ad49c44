/** The later of two versions or instants; null = none is known. */
export const latest = (a: number | null, b: number | null): number | null =>
  a === null || (b !== null && b > a) ? b : a
