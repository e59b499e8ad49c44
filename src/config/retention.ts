import { z } from 'zod'
import { duration } from '../domain/duration.ts'

/** How long bookkeeping is kept, in milliseconds. */
export interface Retention {
  readonly runsMs: number
  readonly resolvedRejectsMs: number
  /** null = kept for ever. */
  readonly openRejectsMs: number | null
  /** null = kept for ever. */
  readonly payloadsMs: number | null
}

export const retentionSettings = z
  .strictObject({
    runs: duration.prefault('90d').describe('How long runs and windows are kept; coverage always is'),
    resolved_rejects: duration.prefault('90d').describe('How long rejected records are kept after they were resolved'),
    open_rejects: duration
      .optional()
      .describe('How long rejected records are kept that nothing has resolved; default: for ever'),
    payloads: duration.optional().describe('How long payloads of records are kept for replay; default: for ever'),
  })
  .transform(
    ({ runs, resolved_rejects, open_rejects, payloads }): Retention => ({
      runsMs: runs,
      resolvedRejectsMs: resolved_rejects,
      openRejectsMs: open_rejects ?? null,
      payloadsMs: payloads ?? null,
    }),
  )
