import { pathSegment } from '../../transform/path-segment.ts'

/** Null for an id that no path can hold. */
export const pathOf = (recordId: string): string | null => {
  const segment = pathSegment(recordId)
  return segment === null ? null : `/recordings/${segment}`
}
