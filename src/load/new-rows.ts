import pg from 'pg'
import type { Session } from '../warehouse/session.ts'
import { copyIn } from './copy-in.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { RepeatTransaction } from './repeat-transaction.ts'
import { notedColumns, ownerColumns, saidColumns } from './row-columns.ts'

const copy = `copy reelhouse.call_recordings (${[...saidColumns, ...notedColumns, ...ownerColumns].join(', ')}) from stdin`

/** Not supported (row-level security), data, constraints (the key: a row is there), and rights: what is wrong with it, the stage says. */
const refusals = /^(?:0A|22|23|42)/

/** Not all rows were new, or the table takes none this way. The transaction is rolled back, and repeated with the rows staged. */
export class CopyRefusedError extends RepeatTransaction {}

/**
 * Copies rows into call_recordings, with no look at what is there: a row whose key is there fails them all. Inside the caller's
 * transaction; no key occurs twice. Throws CopyRefusedError.
 */
export const copyNewRows = async (session: Session, rows: EncodedRows): Promise<void> => {
  try {
    await copyIn(session, copy, rows.chunks())
  } catch (error) {
    if (error instanceof pg.DatabaseError && refusals.test(error.code ?? ''))
      throw new CopyRefusedError('call_recordings refuses a copy of rows that were thought to be new', { cause: error })
    throw error
  }
}
