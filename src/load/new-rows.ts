import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Session } from '../warehouse/session.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { RepeatTransaction } from './repeat-transaction.ts'
import { notedColumns, ownerColumns, saidColumns } from './row-columns.ts'

const copy = `copy reelhouse.call_recordings (${[...saidColumns, ...notedColumns, ...ownerColumns].join(', ')}) from stdin`

const uniqueViolation = '23505'
const key = 'call_recordings_pkey'

/** Not all rows were new. The transaction is rolled back, and repeated with the rows staged. */
export class NotAllNewError extends RepeatTransaction {}

/**
 * Copies rows into call_recordings, with no look at what is there: a row whose key is there fails them all. Inside the caller's
 * transaction; no key occurs twice. Throws NotAllNewError.
 */
export const copyNewRows = async (session: Session, rows: EncodedRows): Promise<void> => {
  try {
    await pipeline(Readable.from(rows.chunks()), session.client.query(copyFrom(copy)))
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === uniqueViolation && error.constraint === key)
      throw new NotAllNewError('a row is stored already', { cause: error })
    throw error
  }
}
