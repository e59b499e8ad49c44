import { type Flattened, reject } from '../domain/flattened.ts'

/** Bytes a key of an index can have, with room for the rest of the key; Postgres refuses the whole batch beyond about 2,700. */
const maxIdBytes = 2000

export const isLongId = (id: string | null): boolean =>
  id !== null && id.length > maxIdBytes / 3 && Buffer.byteLength(id) > maxIdBytes

export const hasLongId = (flattened: Exclude<Flattened, { readonly kind: 'skip' }>): boolean =>
  flattened.kind === 'rows'
    ? flattened.rows.some((row) => isLongId(row.message_id) || isLongId(row.record_id))
    : isLongId(flattened.recordId)

/** Keyed in quarantine by its place: its id is too long for that key, too. */
export const longIdRejected = reject(null, 'id-too-long', null, `the id has more than ${maxIdBytes} bytes`)
