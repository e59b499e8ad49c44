import { ConfigError } from '../domain/errors.ts'

/**
 * `REELHOUSE_BATCH_ROWS=500`: rows and rejects that are committed together at the most, when reading files. Smaller
 * batches need less memory and take longer; the crash tests use tiny ones. Undefined when it is not set.
 */
export const batchRows = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new ConfigError([`REELHOUSE_BATCH_ROWS: "${text}" is not a number of rows; allowed: 1 to 999999`])
  }
  return Number(text)
}
