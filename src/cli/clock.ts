import type { EpochMicros } from '../domain/instant.ts'

/** This machine's clock. */
export const now = (): EpochMicros => Date.now() * 1000
