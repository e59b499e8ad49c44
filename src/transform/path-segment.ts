/** An id as part of an address that is only shown or stored: half a character, which no address can hold, is replaced. */
export const encodedId = (id: string): string => encodeURIComponent(id.toWellFormed())

/** An id as a segment of a path that is asked for; null for one that no path can hold: an URL takes `..` for a folder. */
export const pathSegment = (id: string): string | null =>
  /^\.{0,2}$/.test(id) || !id.isWellFormed() ? null : encodeURIComponent(id)
