import type { EpochMicros } from '../../domain/instant.ts'
import type { Query } from '../simulated-request.ts'
import { instantOf } from '../written-instant.ts'
import { badRequest, RefusedRequest } from './refused-request.ts'

export interface AskedPage {
  readonly number: number
  readonly size: number
}

export interface Filter {
  /** As it was sent: `filter[created_at][gte]`. */
  readonly parameter: string
  readonly field: string
  /** Null for an exact match. */
  readonly operator: string | null
  readonly value: string
}

export const parameterOf = (query: Query, name: string): string | undefined =>
  query.findLast(([given]) => given === name)?.[1]

const wholeNumber = (query: Query, name: string, otherwise: number, largest: number): number => {
  const text = parameterOf(query, name)
  if (text === undefined) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > largest) {
    throw new RefusedRequest(422, '10015', `${name} must be a whole number from 1 to ${largest}`, name)
  }
  return value
}

/** Throws RefusedRequest (422). */
export const readPage = (query: Query, largestSize: number): AskedPage => ({
  number: wholeNumber(query, 'page[number]', 1, 999_999_999),
  size: wholeNumber(query, 'page[size]', 20, largestSize),
})

const filterName = /^filter\[([^\]]+)\](?:\[([^\]]+)\])?$/

export const readFilters = (query: Query): readonly Filter[] =>
  query.flatMap(([parameter, value]) => {
    const match = filterName.exec(parameter)
    const field = match?.[1]
    return field === undefined ? [] : [{ parameter, field, operator: match?.[2] ?? null, value }]
  })

/** Throws RefusedRequest (400) for what is no instant. */
export const filterInstant = ({ parameter, value }: Filter): EpochMicros => {
  const at = instantOf(value)
  if (at === null) throw badRequest(`${parameter} must be an ISO 8601 date and time`, parameter)
  return at
}

/** Inclusive bounds that the `gte` and `lte` filters of a field leave. */
export const boundsOf = (filters: readonly Filter[], field: string): readonly [EpochMicros, EpochMicros] => {
  const values = (operator: string): readonly EpochMicros[] =>
    filters.filter((filter) => filter.field === field && filter.operator === operator).map(filterInstant)
  return [Math.max(Number.NEGATIVE_INFINITY, ...values('gte')), Math.min(Number.POSITIVE_INFINITY, ...values('lte'))]
}
