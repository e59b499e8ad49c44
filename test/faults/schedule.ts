import fc from 'fast-check'
import type { EpochMicros } from '../../src/domain/instant.ts'
import { type Step, steps } from '../../src/domain/step.ts'
import { type HttpFaultAt, httpFaults } from './http-faults.ts'
import { type CutAt, cuts } from './postgres-proxy.ts'
import { type ServerError, serverErrors } from './server-errors.ts'
import type { Vendor } from './vendor.ts'

/** What befalls the first run of an action. */
export type Fault =
  | { readonly kind: 'kill'; readonly step: Step; readonly nth: number }
  | ({ readonly kind: 'cut' } & CutAt)
  | { readonly kind: 'error'; readonly state: ServerError; readonly nth: number }
  | ({ readonly kind: 'http' } & HttpFaultAt)

export type Run =
  | { readonly command: 'sync' | 'force' | 'replay' }
  /** Hours behind the start, and how many; less where there is not so much time yet. */
  | { readonly command: 'backfill'; readonly from: number; readonly hours: number; readonly again: boolean }
  /** A backfill of exactly this range goes on. */
  | { readonly command: 'resume'; readonly from: EpochMicros; readonly to: EpochMicros }

/** `pick`: which of those that it may happen to. Minutes: `ago`, `minutes`. */
export type Action =
  | { readonly do: 'add'; readonly count: number; readonly ago: number; readonly apart: number }
  | { readonly do: 'add on an edge'; readonly pick: number }
  | { readonly do: 'add pending' | 'add bad'; readonly ago: number }
  | { readonly do: 'change' | 'change twice' | 'change silently' | 'change back'; readonly pick: number }
  | { readonly do: 'remove' | 'return' | 'break' | 'mend' | 'finish' | 'write'; readonly pick: number }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'run'; readonly runs: readonly Run[]; readonly fault: Fault | null; readonly trap: string | null }

export interface Schedule {
  readonly vendor: string
  readonly batchRows: number
  /** Hours. */
  readonly maxWindow: number
  /** Minutes by which the clock of the account is ahead of ours (negative: behind). */
  readonly skew: number
  readonly actions: readonly Action[]
}

/** Where there is much to do, not a batch for every few records of it. */
export const batchRowsOf = ({ batchRows, actions }: Schedule): number => {
  const added = actions.reduce((sum, action) => sum + (action.do === 'add' ? action.count : 0), 0)
  return Math.max(batchRows, Math.ceil(added / 60))
}

/** Dump files have steps of their own, and so have exports. */
export const ofWindows: readonly Step[] = steps.filter((step) => !/^(?:file|export)-/.test(step))

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
/** Mostly the first times: a run with little to do comes to no others. */
const early = fc.oneof({ weight: 3, arbitrary: upTo(2) }, { weight: 2, arbitrary: upTo(6) })
const pick = fc.nat({ max: 50 })
/** Minutes: mostly recent, some of days ago. */
const ago = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 180 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 4300 }) },
)

const oneRun: fc.Arbitrary<Run> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Run>({ command: 'sync' }) },
  { weight: 1, arbitrary: fc.constant<Run>({ command: 'force' }) },
  { weight: 1, arbitrary: fc.constant<Run>({ command: 'replay' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      command: fc.constant('backfill' as const),
      from: fc.integer({ min: -12, max: 72 }),
      hours: upTo(48),
      again: fc.boolean(),
    }),
  },
)

const faultOf = (vendor: Vendor): fc.Arbitrary<Fault | null> => {
  const ofHttp = httpFaults.filter((what) => what !== 'token expired' || vendor.hasTokens)
  const rare: readonly string[] = ['no answer']
  const what = fc.oneof(
    ...ofHttp.map((each) => ({ weight: rare.includes(each) ? 1 : 4, arbitrary: fc.constant(each) })),
  )
  const times = fc.constantFrom(1, 1, 2, 7)
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('kill' as const), step: fc.constantFrom(...ofWindows), nth: early }),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ kind: fc.constant('cut' as const), what: fc.constantFrom(...cuts), nth: upTo(6), far: upTo(12) })
        .map(({ far, ...cut }) =>
          cut.what.startsWith('at') || cut.what.startsWith('the') ? { ...cut, nth: cut.nth * far } : cut,
        ),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('error' as const),
        state: fc.constantFrom(...(Object.keys(serverErrors) as ServerError[])),
        nth: fc.oneof(upTo(8), upTo(25)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ kind: fc.constant('http' as const), what, nth: fc.oneof(upTo(3), upTo(8)), times })
        .map((fault) => (fault.what === 'no answer' ? { ...fault, times: 1 } : fault)),
    },
  )
}

const runOf = (vendor: Vendor): fc.Arbitrary<Action> =>
  fc.record({
    do: fc.constant('run' as const),
    runs: fc.oneof<fc.WeightedArbitrary<readonly Run[]>[]>(
      { weight: 6, arbitrary: fc.tuple(oneRun) },
      { weight: 1, arbitrary: fc.tuple(oneRun, oneRun) },
    ),
    fault: fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: faultOf(vendor) }),
    trap: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom<(string | null)[]>(...vendor.traps, null) },
    ),
  })

const addition = fc.record({
  do: fc.constant('add' as const),
  count: fc.oneof({ weight: 120, arbitrary: upTo(6) }, { weight: 1, arbitrary: fc.constantFrom(60, 60, 300, 1000) }),
  ago,
  apart: fc.constantFrom(0, 0, 1, 37),
})

const changes = ['change', 'change twice', 'change back', 'remove', 'return'] as const

const actionOf = (vendor: Vendor): fc.Arbitrary<Action> => {
  const happenings = [
    ...changes,
    ...(vendor.changesSilently ? (['change silently'] as const) : []),
    ...(vendor.hasTexts ? (['write'] as const) : []),
    ...(vendor.hasBad ? (['break', 'mend'] as const) : []),
    ...(vendor.hasPending ? (['finish'] as const) : []),
  ]
  const odd = [
    ...(vendor.hasPending ? (['add pending'] as const) : []),
    ...(vendor.hasBad ? (['add bad'] as const) : []),
  ]
  return fc.oneof(
    { weight: 6, arbitrary: runOf(vendor) },
    { weight: 4, arbitrary: addition },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('add on an edge' as const), pick }) },
    ...(odd.length > 0 ? [{ weight: 1, arbitrary: fc.record({ do: fc.constantFrom(...odd), ago }) }] : []),
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom(...happenings), pick }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        minutes: fc.oneof(upTo(30), upTo(400), upTo(2000)),
      }),
    },
  )
}

const quiet = { do: 'run', runs: [{ command: 'sync' }], fault: null, trap: null } as const

/** A record that is seen to be deleted, and then returns as it was: chance alone hardly ever comes to that. */
const goneAndBack = fc
  .record({ pick, hours: upTo(20) })
  .map(({ pick: which, hours }): readonly Action[] => [
    quiet,
    { do: 'wait', minutes: 60 * hours },
    { do: 'remove', pick: which },
    quiet,
    { do: 'wait', minutes: 60 * hours },
    { do: 'return', pick: which },
  ])

/** Whole, so that what is left of it when it shrinks is a schedule by itself. */
export const scheduleOf = (vendor: Vendor): fc.Arbitrary<Schedule> =>
  fc.record({
    vendor: fc.constant(vendor.name),
    batchRows: fc.integer({ min: 2, max: 5 }),
    maxWindow: fc.constantFrom(12, 24, 36),
    skew: fc.constantFrom(0, 0, 0, 0, 0, -90, -7, 45),
    actions: fc
      .tuple(
        addition,
        fc.array(
          fc.oneof(
            { weight: 19, arbitrary: actionOf(vendor).map((action): readonly Action[] => [action]) },
            { weight: 1, arbitrary: goneAndBack },
          ),
          { minLength: 4, maxLength: 24, size: 'max' },
        ),
      )
      .map(([first, rest]) => [first, ...rest.flat()]),
  })

/** By what names the table knows what befell; a fault that the runs never came to is none. */
export const namesOf = (vendor: string, action: Action, isMet: boolean): readonly string[] => {
  if (action.do !== 'run') return action.do === 'add' || action.do === 'wait' ? [] : [`${vendor}: ${action.do}`]
  const { runs, fault, trap } = action
  const names =
    runs.length > 1
      ? [
          `at once: ${[...runs]
            .map(({ command }) => command)
            .sort()
            .join(', ')}`,
        ]
      : []
  if (trap !== null) names.push(`${vendor}: ${trap}`)
  if (fault === null || !isMet) return names
  if (fault.kind === 'kill') names.push(`killed at ${fault.step}`)
  else if (fault.kind === 'cut') names.push(`Postgres: cut ${fault.what}`)
  else if (fault.kind === 'error') names.push(`Postgres: ${fault.state} ${serverErrors[fault.state]}`)
  else names.push(`HTTP: ${fault.what}`)
  return names
}
