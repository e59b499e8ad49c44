import { type Flattened, reject } from '../domain/flattened.ts'

/** Bytes a key of an index can have, with room for the rest of the key; Postgres refuses the whole batch beyond about 2,700. */
const maxIdBytes = 2000

const isLong = (id: string | null): boolean =>
  id !== null && id.length > maxIdBytes / 3 && Buffer.byteLength(id) > maxIdBytes

export const hasLongId = (flattened: Flattened & { readonly kind: 'rows' | 'reject' }): boolean =>
  flattened.kind === 'reject'
    ? isLong(flattened.recordId)
    : flattened.rows.some((row) => isLong(row.message_id) || isLong(row.record_id))

/** Keyed in quarantine by its place: its id is too long for that key, too. */
export const longIdRejected = reject(null, 'id-too-long', null, `the id has more than ${maxIdBytes} bytes`)
