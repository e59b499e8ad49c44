import type { Stated } from '../../domain/recording-row.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { keptCall } from './kept-call.ts'

/** What is stored of a call and what flatten sees, so that a replay needs no network. */
export interface Envelope {
  readonly call: JsonObject
  /** The organisation's number of the call as Vapi writes it; null = the number has none, undefined = it was not asked for. */
  readonly own_number: Stated<string>
  /** It was asked for, and Vapi could not answer. */
  readonly own_number_due: boolean
}

/** The envelope of a stored record; of a bare call, as Vapi answers it. Null when it is no object. */
export const readEnvelope = (record: unknown): Envelope | null => {
  if (!isJsonObject(record)) return null
  if (!isJsonObject(record.call)) return { call: keptCall(record), own_number: undefined, own_number_due: false }
  const { call, own_number } = record
  return {
    call,
    own_number: typeof own_number === 'string' || own_number === null ? own_number : undefined,
    own_number_due: record.own_number_due === true,
  }
}

/** As it is stored: what was joined, and nothing of what was not. */
export const storedEnvelope = ({ call, own_number, own_number_due }: Envelope): JsonObject => ({
  call,
  ...(own_number === undefined ? {} : { own_number }),
  ...(own_number_due ? { own_number_due } : {}),
})
