import { SourceProtocolError, TransientError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Stated } from '../../domain/recording-row.ts'
import { createBoundedCache } from '../../transform/bounded-cache.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import type { ReadContext } from '../source.ts'
import { readOne } from './answer.ts'
import { pathOf, type VapiApi } from './api.ts'
import { type Envelope, readEnvelope, storedEnvelope } from './envelope.ts'
import { phoneNumberIdOf } from './fields.ts'
import { directionOf, inlineNumber } from './parties.ts'

type OwnNumber = Pick<Envelope, 'own_number' | 'own_number_due'>

/** The number of this id; null = it has none (a SIP trunk), undefined = Vapi does not say, or could not (`own_number_due`). */
export type NumberOf = (phoneNumberId: string, context: ReadContext) => Promise<OwnNumber>

/** A backfill runs for days, and numbers change meanwhile. */
const goodFor = 3_600_000_000

const mostNumbers = 1000

const closed =
  'Vapi does not let this key read phone numbers, so our own numbers are missing in new rows; give the key that right'

const unreadable = (error: Error): string =>
  `A phone number cannot be read, and is missing in new rows of its calls: ${error.message}`

const known = (own_number: Stated<string>): OwnNumber => ({ own_number, own_number_due: false })

const numberText = compileTextMember('number')

/** A number that was released since is not to be cleared where it is known: 404 says nothing. */
const askNumber = async (api: VapiApi, id: string, context: ReadContext): Promise<Stated<string>> => {
  const path = pathOf('phone-number', id)
  if (path === null) return undefined
  const answer = await api.one(path, context)
  if (answer.status === 403) api.noticeOnce(closed, context)
  if (answer.status >= 400) return undefined
  return numberText(readOne(answer, `connection ${api.connectionId}: phone number ${id}`), []) ?? null
}

/**
 * What fails with one number costs its calls that number. A TransientError may be the number's (a vendor that answers 500 to
 * one id for ever), and its rows ask again; that of the next number, too, is an outage, and thrown.
 */
const compileAskSafely = (api: VapiApi) => {
  let failedLast: string | null = null
  return async (id: string, context: ReadContext): Promise<OwnNumber> => {
    try {
      const number = await askNumber(api, id, context)
      failedLast = null
      return known(number)
    } catch (error) {
      context.signal.throwIfAborted()
      const isTransient = error instanceof TransientError
      if (!(error instanceof SourceProtocolError || isTransient)) throw error
      if (isTransient && failedLast !== null && failedLast !== id) throw error
      failedLast = isTransient ? id : null
      api.noticeOnce(unreadable(error), context)
      return { own_number: undefined, own_number_due: isTransient }
    }
  }
}

/** One request for each number, for each process that reads a new or changed call of it, and hour. */
export const compileNumberOf = (api: VapiApi): NumberOf => {
  const kept = createBoundedCache<{ readonly number: Promise<OwnNumber>; readonly until: EpochMicros } | null>(
    mostNumbers,
  )
  const ask = compileAskSafely(api)
  return (id, context) => {
    const found = kept.get(id) ?? null
    if (found !== null && Date.now() * 1000 < found.until) return found.number
    const number = ask(id, context)
    kept.set(id, { number, until: Date.now() * 1000 + goodFor })
    // What failed is asked for again by whoever needs it next.
    number.catch(() => kept.set(id, null))
    return number
  }
}

/** Of calls of the telephone that do not bring their number with them. */
const askedFor = (call: JsonObject): string | null =>
  typeof directionOf(call, []) === 'string' && inlineNumber(call) === undefined
    ? (phoneNumberIdOf(call, []) ?? null)
    : null

export const withOwnNumber = async (numberOf: NumberOf, call: JsonObject, context: ReadContext): Promise<Envelope> => {
  const id = askedFor(call)
  return { call, ...(id === null ? known(undefined) : await numberOf(id, context)) }
}

/** A call as it was listed, with the number of ours that it came to or from. */
export const joinOwnNumber = async (numberOf: NumberOf, record: unknown, context: ReadContext): Promise<unknown> => {
  const envelope = readEnvelope(record)
  return envelope === null ? record : storedEnvelope(await withOwnNumber(numberOf, envelope.call, context))
}
