import fc from 'fast-check'
import type { Blockage } from './directory.ts'

/** What somebody does to a file of the directory; names, records and places are taken from what there is, in circles. */
export type Operation =
  | {
      readonly does: 'replace' | 'overwrite'
      readonly file: number
      readonly lines: readonly LinePlan[]
      readonly long: boolean
    }
  | { readonly does: 'grow'; readonly file: number; readonly lines: readonly LinePlan[] }
  | { readonly does: 'cut'; readonly file: number; readonly to: number; readonly inLine: boolean }
  | { readonly does: 'copy'; readonly file: number; readonly to: number }
  | { readonly does: 'gzip' | 'touch' | 'delete' | 'revert'; readonly file: number }
  | { readonly does: 'gzip-cut'; readonly file: number; readonly to: number }
  | { readonly does: 'block'; readonly file: number; readonly how: Blockage }
  | { readonly does: 'unblock' }

export interface LinePlan {
  readonly is: 'good' | 'bad' | 'malformed'
  readonly id: number
  /** Where records state their version: older than everything before. */
  readonly old: boolean
}

/** What happens in the middle of a sync, at the n-th step that it reaches. */
export type Fault =
  | { readonly hits: 'nothing' }
  | { readonly hits: 'kill' | 'cut' | 'cut-second' | 'cut-locks' | 'stop'; readonly at: number }
  | { readonly hits: 'directory'; readonly at: number; readonly operation: Operation }
  /** The statements from the n-th on that write to our tables fail. */
  | { readonly hits: 'postgres'; readonly at: number; readonly times: number; readonly state: string }

export interface Round {
  readonly operations: readonly Operation[]
  readonly fault: Fault
}

export interface Schedule {
  /** Records state their version; otherwise it is the time of their file. */
  readonly stated: boolean
  readonly rounds: readonly Round[]
}

/** Few, so that much happens to each. */
const file = fc.nat(1)

const line: fc.Arbitrary<LinePlan> = fc.record({
  is: fc.constantFrom('good', 'good', 'good', 'good', 'bad', 'malformed'),
  id: fc.nat(3),
  old: fc.boolean(),
})

const lines = fc.array(line, { maxLength: 7 })

const written = (does: 'replace' | 'overwrite') =>
  fc.record({ does: fc.constant(does), file, lines, long: fc.integer({ min: 0, max: 7 }).map((n) => n === 7) })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: written('replace') },
  { weight: 2, arbitrary: written('overwrite') },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('grow' as const), file, lines }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cut' as const), file, to: fc.nat(6), inLine: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('copy' as const), file, to: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('gzip' as const, 'touch' as const, 'delete' as const),
      file,
    }),
  },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('revert' as const), file }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('gzip-cut' as const), file, to: fc.nat(90) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('block' as const),
      file,
      how: fc.constantFrom<Blockage>('permission', 'directory', 'circle', 'dangling link'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'unblock' as const }) },
)

/** A sync of a few small files reaches some thirty steps. */
const at = fc.oneof(fc.nat(12), fc.nat(45))

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ hits: 'nothing' as const }) },
  { weight: 4, arbitrary: fc.record({ hits: fc.constant('kill' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      hits: fc.constantFrom('cut' as const, 'cut-second' as const, 'cut-locks' as const, 'stop' as const),
      at,
    }),
  },
  { weight: 3, arbitrary: fc.record({ hits: fc.constant('directory' as const), at, operation }) },
  {
    weight: 3,
    arbitrary: fc.record({
      hits: fc.constant('postgres' as const),
      at: fc.nat(30),
      times: fc.constantFrom(1, 2, 12),
      state: fc.constantFrom('40001', '40P01', '57014', '53100', '25006'),
    }),
  },
)

const round: fc.Arbitrary<Round> = fc.record({ operations: fc.array(operation, { minLength: 1, maxLength: 3 }), fault })

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  stated: fc.boolean(),
  rounds: fc.array(round, { minLength: 1, maxLength: 8 }),
})
