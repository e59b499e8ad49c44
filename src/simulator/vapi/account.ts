import type { EpochMicros } from '../../domain/instant.ts'
import { drawFor } from '../draw.ts'
import { createTimeIndex } from '../time-index.ts'
import { instantOf, restForm, writeInstant } from '../written-instant.ts'
import { generatedCall, numberCount, recorded, seededId } from './generated-call.ts'
import type { AccountState, StoredCall, VapiCall, VapiPhoneNumber } from './resources.ts'

const microsPerMilli = 1_000

/** What is in the account, changeable while it serves. Ids that do not exist throw. */
export interface VapiAccount {
  /** By id: three with a number, one without. */
  readonly numbers: readonly VapiPhoneNumber[]
  /**
   * Adds ended calls created at seeded instants spread over [from, to), and returns their ids, earliest first. Every other
   * one is of an odd form (traps 8, 9, 10, 11, 14); with `plain`, none.
   */
  generate(range: {
    readonly from: EpochMicros
    readonly to: EpochMicros
    readonly count: number
    readonly plain?: boolean
  }): readonly string[]
  /** Adds a call and returns its id; what is not given is that of a plain ended call, created now. */
  add(call?: VapiCall): string
  /** Sets `updatedAt` to now unless the patch says otherwise. */
  change(id: string, patch: VapiCall): void
  /** Its artifacts are there. Sets `updatedAt` to now, unless it is silent. */
  record(id: string, options?: { readonly silent?: boolean }): void
  /** Gone from the list, by id 404. */
  remove(id: string): void
  /** Of the living calls, earliest created first. */
  ids(): readonly string[]
  get(id: string): VapiCall | undefined
}

const numbersOf = (seed: number): readonly VapiPhoneNumber[] =>
  Array.from({ length: numberCount }, (_, index) => ({
    id: seededId(seed, 'number', index),
    provider: index === numberCount - 1 ? 'byo-phone-number' : 'twilio',
    name: `Line ${index + 1}`,
    ...(index === numberCount - 1 ? {} : { number: `+1512555900${index + 1}` }),
  }))

export const createAccountState = (seed: number, now: () => EpochMicros): AccountState => ({
  seed,
  now,
  calls: createTimeIndex(),
  callsById: new Map(),
  numbers: new Map(numbersOf(seed).map((number) => [number.id, number])),
  nextOrdinal: 0,
})

const written = (at: EpochMicros): string => writeInstant(at - (at % microsPerMilli), restForm)

const storedAs = (state: AccountState, call: VapiCall): StoredCall => {
  const timeOf = (name: string): EpochMicros => {
    const value = call[name]
    return instantOf(typeof value === 'string' ? value : null) ?? state.now()
  }
  return { id: String(call.id), at: timeOf('createdAt'), updatedAt: timeOf('updatedAt'), call }
}

const take = (state: AccountState, id: string): void => {
  const before = state.callsById.get(id)
  if (before !== undefined) state.calls.remove(before)
  state.callsById.delete(id)
}

/** In the place of those with their ids. */
const store = (state: AccountState, calls: readonly VapiCall[]): readonly string[] => {
  const stored = calls.map((call) => storedAs(state, call))
  for (const { id } of stored) take(state, id)
  state.calls.insert(stored)
  for (const one of stored) state.callsById.set(one.id, one)
  return stored.map(({ id }) => id)
}

const living = (state: AccountState, id: string): StoredCall => {
  const stored = state.callsById.get(id)
  if (stored === undefined) throw new Error(`there is no call ${id}`)
  return stored
}

const generate = (state: AccountState, { from, to, count, plain = false }: Parameters<VapiAccount['generate']>[0]) => {
  const part = (to - from) / count
  const calls = Array.from({ length: count }, (_, index) => {
    const ordinal = state.nextOrdinal
    state.nextOrdinal += 1
    const at = Math.floor(from + part * index + (part * drawFor(state.seed, ordinal, 1).below(1000)) / 1000)
    const whole = at - (at % microsPerMilli)
    return generatedCall(state.seed, ordinal, whole < from ? at : whole, plain)
  })
  return store(state, calls)
}

const add = (state: AccountState, given: VapiCall): string => {
  const ordinal = state.nextOrdinal
  state.nextOrdinal += 1
  const now = state.now()
  const at = instantOf(typeof given.createdAt === 'string' ? given.createdAt : null) ?? now - (now % microsPerMilli)
  const filled = generatedCall(state.seed, ordinal, at, true)
  const updatedAt = given.createdAt === undefined ? written(now) : filled.updatedAt
  const call: VapiCall = { ...filled, updatedAt, ...given }
  store(state, [call])
  return String(call.id)
}

const change = (state: AccountState, id: string, patch: VapiCall): void => {
  store(state, [{ ...living(state, id).call, updatedAt: written(state.now()), ...patch }])
}

export const createAccount = (state: AccountState): VapiAccount => ({
  numbers: [...state.numbers.values()],
  generate: (range) => generate(state, range),
  add: (call = {}) => add(state, call),
  change: (id, patch) => change(state, id, patch),
  record: (id, { silent = false } = {}) => {
    const { updatedAt } = living(state, id).call
    change(state, id, { artifact: { ...recorded, transcript: 'AI: Hello.' }, ...(silent ? { updatedAt } : {}) })
  },
  remove: (id) => take(state, living(state, id).id),
  ids: () => state.calls.all().map(({ id }) => id),
  get: (id) => state.callsById.get(id)?.call,
})
