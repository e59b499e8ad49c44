import type { EpochMicros } from '../../domain/instant.ts'
import { drawFor } from '../draw.ts'
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
  calls: new Map(),
  numbers: new Map(numbersOf(seed).map((number) => [number.id, number])),
  nextOrdinal: 0,
})

const written = (at: EpochMicros): string => writeInstant(at - (at % microsPerMilli), restForm)

const store = (state: AccountState, call: VapiCall): string => {
  const id = String(call.id)
  const timeOf = (name: string): EpochMicros => {
    const value = call[name]
    return instantOf(typeof value === 'string' ? value : null) ?? state.now()
  }
  state.calls.set(id, { id, createdAt: timeOf('createdAt'), updatedAt: timeOf('updatedAt'), call })
  return id
}

const living = (state: AccountState, id: string): StoredCall => {
  const stored = state.calls.get(id)
  if (stored === undefined) throw new Error(`there is no call ${id}`)
  return stored
}

const generate = (state: AccountState, { from, to, count, plain = false }: Parameters<VapiAccount['generate']>[0]) => {
  const part = (to - from) / count
  return Array.from({ length: count }, (_, index) => {
    const ordinal = state.nextOrdinal
    state.nextOrdinal += 1
    const at = Math.floor(from + part * index + (part * drawFor(state.seed, ordinal, 1).below(1000)) / 1000)
    const whole = at - (at % microsPerMilli)
    return store(state, generatedCall(state.seed, ordinal, whole < from ? at : whole, plain))
  })
}

const add = (state: AccountState, given: VapiCall): string => {
  const ordinal = state.nextOrdinal
  state.nextOrdinal += 1
  const now = state.now()
  const at = instantOf(typeof given.createdAt === 'string' ? given.createdAt : null) ?? now - (now % microsPerMilli)
  const filled = generatedCall(state.seed, ordinal, at, true)
  const updatedAt = given.createdAt === undefined ? written(now) : filled.updatedAt
  return store(state, { ...filled, updatedAt, ...given })
}

const change = (state: AccountState, id: string, patch: VapiCall): void => {
  store(state, { ...living(state, id).call, updatedAt: written(state.now()), ...patch })
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
  remove: (id) => void state.calls.delete(living(state, id).id),
  ids: () => [...state.calls.values()].sort((a, b) => a.createdAt - b.createdAt).map(({ id }) => id),
  get: (id) => state.calls.get(id)?.call,
})
