import { createHash } from 'node:crypto'

/** A netstring: its length in bytes makes ("a", "bc") and ("ab", "c") differ; a null is no netstring. */
const lengthPrefixed = (value: string | null): string => (value === null ? '-' : `${Buffer.byteLength(value)}:${value}`)

/**
 * The id of a record whose dump states none, made of values that together identify it: 32 hex digits.
 *
 * FROZEN FOR EVER: the first 128 bits of SHA-256 over the values in order, each as `<bytes of its UTF-8>:<UTF-8>`, null as
 * `-`. Ids made of it are keys of stored rows; any other result would load every such dump a second time.
 */
export const derivedId = (values: readonly (string | null)[]): string =>
  createHash('sha256').update(values.map(lengthPrefixed).join(''), 'utf8').digest('hex').slice(0, 32)
