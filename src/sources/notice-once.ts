import type { ReadContext } from './source.ts'

/** Tells the operator, once for a connection: what holds for one record of an account mostly holds for all. */
export type NoticeOnce = (message: string, context: ReadContext) => void

export const createNoticeOnce = (): NoticeOnce => {
  const noticed = new Set<string>()
  return (message, { notice }) => {
    if (noticed.has(message)) return
    noticed.add(message)
    notice?.(message)
  }
}
