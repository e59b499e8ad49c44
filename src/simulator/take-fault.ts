/** Switches for what goes wrong on the way, whatever is asked for. */
export interface FaultTraps<Fault> {
  /** The next requests are answered so, one each. */
  faults: readonly Fault[]
  /** Every request is answered so, once `faults` are spent. */
  everyRequest: Fault | null
  /** Every nth request is answered so. */
  everyNth: { readonly nth: number; readonly fault: Fault } | null
}

export const noFaults: FaultTraps<never> = { faults: [], everyRequest: null, everyNth: null }

/** The fault of this request, if it has one: the queue first, then the ones that stay. */
export const takeFault = <Fault>(traps: FaultTraps<Fault>, requestNumber: number): Fault | null => {
  const [next, ...rest] = traps.faults
  if (next !== undefined) {
    traps.faults = rest
    return next
  }
  if (traps.everyNth !== null && requestNumber % traps.everyNth.nth === 0) return traps.everyNth.fault
  return traps.everyRequest
}
