import pg from 'pg'
import { LoadError, ReelhouseError } from '../domain/errors.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'

/**
 * What an error makes the caller of the loader do: TransientError or ConfigError as the warehouse says, LoadError when it
 * refused `what` for good. Anything else is a defect and returned as it is.
 */
export const loadError = (error: unknown, what: string): unknown => {
  const known = warehouseError(error)
  if (known instanceof ReelhouseError || !(error instanceof pg.DatabaseError)) return known
  return new LoadError(`the warehouse refused ${what}: ${error.message} (SQLSTATE ${error.code ?? 'unknown'})`, {
    cause: error,
  })
}
