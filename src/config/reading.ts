import { z } from 'zod'

/** How much is read at once. */
export interface Reading {
  readonly connectionsAtATime: number
}

export const readingSettings = z
  .strictObject({
    connections_at_a_time: z
      .int()
      .min(1)
      .max(32)
      .default(4)
      .describe('Connections that one command reads at the same time, each with a session of its own in the warehouse'),
  })
  .transform(({ connections_at_a_time }): Reading => ({ connectionsAtATime: connections_at_a_time }))
