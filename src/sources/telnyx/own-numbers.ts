import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import { compilePhoneReader } from '../../transform/phone.ts'
import { unlessClosed } from '../endpoint-closed.ts'
import { type NumberedPage, numberedPages } from '../http/paging.ts'
import type { ReadContext } from '../source.ts'
import { pageAt, type TelnyxApi } from './api.ts'
import { fromText, toText } from './fields.ts'
import { largestPage } from './listing.ts'
import type { TelnyxSettings } from './settings.ts'

/** The account's own among these numbers (as a recording writes them), E.164; undefined when it is not known. */
export type OwnAmong = (numbers: readonly unknown[], context: ReadContext) => Promise<readonly string[] | undefined>

/** A backfill runs for days, and numbers are bought meanwhile. */
const goodFor = 3_600_000_000

const closed =
  'Telnyx does not let this key list phone numbers, so directions stay as they are; give the key that right, or list own_numbers'

const unreadable = (error: SourceProtocolError): string =>
  `The list of the account's phone numbers cannot be read, so directions stay as they are; list own_numbers if this does not pass: ${error.message}`

const numberOf = compileTextMember('phone_number')

const listNumbers = async (
  api: TelnyxApi,
  readNumber: (text: string) => string | null,
  context: ReadContext,
): Promise<ReadonlySet<string>> => {
  const what = `connection ${api.connectionId}: phone numbers`
  const nameOf = (item: unknown): string | null => (isJsonObject(item) ? (numberOf(item, []) ?? null) : null)
  const ask = (number: number): Promise<NumberedPage<unknown, unknown>> =>
    api.list({ what, path: '/phone_numbers', query: pageAt(number, largestPage), mayBeClosed: true }, context)
  const found = new Set<string>()
  for await (const { items } of numberedPages({ what, idOf: nameOf, atFloor: true, ask })) {
    for (const item of items) {
      const number = readNumber(nameOf(item) ?? '')
      if (number !== null) found.add(number)
    }
  }
  return found
}

const compileReader = (country: string | undefined): ((text: string) => string | null) => {
  const readPhone = compilePhoneReader(country ?? null)
  return (text) => {
    const reading = readPhone(text.trim())
    return reading.kind === 'value' ? reading.value : null
  }
}

/**
 * With `own_numbers: account` the list is asked for at the first recording with a number, and kept for an hour: one request
 * per 250 numbers for each process that reads a new or changed recording.
 */
export const compileOwnAmong = (api: TelnyxApi, settings: TelnyxSettings): OwnAmong => {
  if (settings.own_numbers !== 'account') return async () => undefined
  const readNumber = compileReader(settings.default_country)
  let kept: { readonly numbers: Promise<ReadonlySet<string> | undefined>; readonly until: EpochMicros } | null = null
  const current = (context: ReadContext): Promise<ReadonlySet<string> | undefined> => {
    if (kept !== null && Date.now() * 1000 < kept.until) return kept.numbers
    const numbers = unlessClosed(api, closed, context, () => listNumbers(api, readNumber, context)).catch(
      (error: unknown) => {
        if (!(error instanceof SourceProtocolError)) throw error
        api.noticeOnce(unreadable(error), context)
        return undefined
      },
    )
    kept = { numbers, until: Date.now() * 1000 + goodFor }
    // What failed is asked for again by whoever needs it next.
    numbers.catch(() => {
      kept = null
    })
    return numbers
  }
  return async (texts, context) => {
    const numbers = texts.flatMap((text) => (typeof text === 'string' ? (readNumber(text) ?? []) : []))
    if (numbers.length === 0) return undefined
    const own = await current(context)
    return own === undefined ? undefined : [...new Set(numbers.filter((number) => own.has(number)))]
  }
}

/** Both numbers as a recording, or what an event says of its call, writes them. */
export const numbersIn = (party: JsonObject): readonly unknown[] => [fromText(party, []), toText(party, [])]
