import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { RowEncoding } from '../../src/load/encode-row.ts'
import { EncodedRows } from '../../src/load/encoded-rows.ts'

export const encodedRows = (rows: readonly PlacedRow[], encoding: RowEncoding): EncodedRows => {
  const encoded = new EncodedRows(encoding)
  for (const row of rows) encoded.add(row)
  return encoded
}
