import { z } from 'zod'
import { duration, durationName } from '../domain/duration.ts'
import type { Reread } from '../domain/window.ts'

const microsPerMilli = 1000

const reread = z.strictObject({
  depth: duration.describe('How far behind the end of what is read it looks'),
  every: z.union([z.literal('run'), duration]).describe('run: every time; or how long from one to the next'),
})

type WrittenReread = z.output<typeof reread>

/** The first depth that is written twice, by its name; null = none is. */
const doubled = (rereads: readonly WrittenReread[]): string | null => {
  const names = rereads.map(({ depth }) => durationName(depth))
  return names.find((name, index) => names.indexOf(name) !== index) ?? null
}

const toReread = ({ depth, every }: WrittenReread): Reread => ({
  name: durationName(depth),
  depth: depth * microsPerMilli,
  every: every === 'run' ? null : every * microsPerMilli,
})

/** Second looks behind the cursor; their output is named by their depth, in microseconds. */
export const rereadSetting = z
  .array(reread)
  .refine((rereads) => doubled(rereads) === null, 'has one depth twice; allowed: each depth once')
  .transform((rereads) => rereads.map(toReread))
