import { z } from 'zod'
import { idPattern } from './problem.ts'

/** Keys that every connection has; all others belong to its source. */
export const connectionKeys = ['id', 'source', 'into', 'records'] as const

/** `sources`: names of the sources there are. */
export const connectionSettings = (sources: readonly string[]) =>
  z.object({
    id: z
      .string()
      .regex(
        idPattern,
        'is not an id; allowed: up to 63 lower-case letters, digits, dots, dashes and underscores, a letter or digit first',
      )
      .describe('Your name for this account; its rows carry it, so choose one that can stay'),
    source: z.enum(sources).describe('What kind of system it is'),
    into: z
      .string()
      .optional()
      .describe('Id of the connection whose rows this one adds to, such as a dump of what that one reads from an API'),
    records: z
      .enum(['none', 'keys', 'payloads'])
      .optional()
      .describe(
        'What is kept of every record: nothing, its id and outcome, or its payload too. Default: up to the source',
      ),
  })
