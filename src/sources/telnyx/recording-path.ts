/** Null for an id that no path can hold: an URL takes it for a folder. */
export const pathOf = (recordId: string): string | null =>
  /^\.{0,2}$/.test(recordId) ? null : `/recordings/${encodeURIComponent(recordId)}`
