import { httpFaults } from './http-faults.ts'
import { cuts } from './postgres-proxy.ts'
import { type Action, type Fault, ofWindows, type Schedule } from './schedule.ts'
import { type ServerError, serverErrors } from './server-errors.ts'
import type { Vendor } from './vendor.ts'

const times = (most: number): readonly number[] => Array.from({ length: most }, (_, n) => n + 1)

const faultsOf = (vendor: Vendor): readonly Fault[] => [
  ...ofWindows.flatMap((step) => times(3).map((nth): Fault => ({ kind: 'kill', step, nth }))),
  ...cuts.flatMap((what) =>
    times(3).map((n): Fault => ({ kind: 'cut', what, nth: what === 'at any message' ? n * 17 : n })),
  ),
  ...(Object.keys(serverErrors) as ServerError[]).flatMap((state) =>
    times(8).map((nth): Fault => ({ kind: 'error', state, nth })),
  ),
  ...httpFaults
    .filter((what) => what !== 'token expired' || vendor.hasTokens)
    .flatMap((what) => [1, 2, 3].map((nth): Fault => ({ kind: 'http', what, nth, times: nth === 1 ? 1 : 7 })))
    .filter((fault) => fault.kind !== 'http' || fault.what !== 'no answer' || fault.times === 1),
]

/** A first sync and a later one, of something new, changed, removed and waited for, both with what goes wrong. */
const actionsWith = (vendor: Vendor, fault: Fault | null, trap: string | null): readonly Action[] => {
  const run: Action = { do: 'run', runs: [{ command: 'sync' }], fault, trap }
  return [
    { do: 'add', count: 6, ago: 100, apart: 37 },
    ...(vendor.hasBad ? [{ do: 'add bad', ago: 150 } as const] : []),
    ...(vendor.hasPending ? [{ do: 'add pending', ago: 160 } as const] : []),
    run,
    { do: 'wait', minutes: 420 },
    { do: 'change', pick: 0 },
    { do: 'remove', pick: 1 },
    ...(vendor.hasTexts ? [{ do: 'write', pick: 2 } as const] : []),
    ...(vendor.hasBad ? [{ do: 'mend', pick: 0 } as const] : []),
    { do: 'add', count: 4, ago: 30, apart: 1 },
    run,
  ]
}

/** Read in one sync, and once more with one of them changed: the listing splits no further. */
export const manyTied = (vendor: Vendor): Schedule => {
  const run: Action = { do: 'run', runs: [{ command: 'sync' }], fault: null, trap: null }
  const actions: readonly Action[] = [
    { do: 'add', count: vendor.tied, ago: 100, apart: 0 },
    run,
    { do: 'change', pick: 7 },
    { do: 'remove', pick: 9 },
    { do: 'wait', minutes: 30 },
    run,
  ]
  return { vendor: vendor.name, batchRows: 400, maxWindow: 24, skew: 0, actions }
}

/** Every fault and every trap by itself; the random schedules combine them. */
export const everyFault = (vendor: Vendor): readonly Schedule[] => {
  const alone = [
    ...faultsOf(vendor).map((fault) => actionsWith(vendor, fault, null)),
    ...vendor.traps.map((trap) => actionsWith(vendor, null, trap)),
  ]
  return [
    manyTied(vendor),
    ...alone.map((actions) => ({ vendor: vendor.name, batchRows: 2, maxWindow: 24, skew: 0, actions })),
  ]
}
