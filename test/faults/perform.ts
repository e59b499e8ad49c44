import { ReelhouseError } from '../../src/domain/errors.ts'
import { scrubSignedQueries } from '../../src/domain/signed-query.ts'
import type { Step } from '../../src/domain/step.ts'
import type { Window } from '../../src/domain/window.ts'
import { openConnectionLoader } from '../../src/load/connection-loader.ts'
import { takeLock } from '../../src/load/locks.ts'
import { backfill } from '../../src/pipeline/backfill.ts'
import { replay } from '../../src/pipeline/replay.ts'
import type { Reporter } from '../../src/pipeline/reporter.ts'
import { syncWindows } from '../../src/pipeline/sync-windows.ts'
import { openSession, type Session } from '../../src/warehouse/session.ts'
import { warehouseError } from '../../src/warehouse/warehouse-error.ts'
import { placedAsIs, storedPortfolio } from '../support/rows.ts'
import { type Bench, connectionId, start } from './bench.ts'
import { hour } from './clock.ts'
import type { Run } from './schedule.ts'

/** How a run ended. Only a defect is wrong in itself. */
export type Ended =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'killed' }
  | { readonly kind: 'defect'; readonly error: unknown }

export interface Performing {
  /** Names its sessions. */
  readonly name: string
  readonly maxWindow: number
  readonly batchRows: number
  readonly acceptAccount: boolean
  /** The process dies the nth time that it reaches the step. */
  readonly kill: { readonly step: Step; readonly nth: number } | null
  /** Its sessions may be cut. */
  readonly mayBeCut: boolean
}

/** One process: its sessions, its signal, and how it dies. */
interface Process {
  readonly session: Session
  readonly lockSession: Session
  readonly signal: AbortSignal
  readonly reached: (step: Step) => Promise<void>
}

const silent: Reporter = {
  info: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
  windowProgress: () => undefined,
}

/** A `Date` header has whole seconds: what ends later may be left for the next run. */
const tolerated = 2_000_000

/** The range of a backfill: it touches what a sync reads, so that there is no gap between. Null: there is no such time yet. */
const rangeOf = ({ clock }: Bench, run: Run, settlingDelay: number): Window | null => {
  if (run.command === 'resume') return { from: run.from, to: run.to }
  if (run.command !== 'backfill') return null
  const { from, hours } = run
  const begin = start + from * hour
  const to = Math.min(Math.max(begin + hours * hour, start), clock.now() - settlingDelay - tolerated)
  return to > begin ? { from: begin, to } : null
}

const work = async (bench: Bench, run: Run, performing: Performing, process: Process): Promise<Ended> => {
  const { session, lockSession, signal, reached } = process
  const source = await bench.open(performing.maxWindow)
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const range = rangeOf(bench, run, stream.settlingDelay)
  const command = range !== null ? 'backfill' : run.command === 'replay' ? 'replay' : 'sync'
  const again = run.command === 'backfill' && run.again
  const force = run.command === 'force' || again
  await takeLock(lockSession, { name: 'schema', key: 0, shared: true, patience: 60_000, signal })
  const loader = await openConnectionLoader({
    session,
    lockSession,
    invocationId: '00000000-0000-4000-8000-000000000001',
    connection: { id: connectionId, source: bench.vendor.name },
    into: null,
    stream: stream.name,
    command,
    ...(range === null ? {} : { range }),
    authoritative: force || command === 'replay',
    reached,
    portfolioOf: storedPortfolio,
    redact: scrubSignedQueries,
    signal,
  })
  const { now } = bench.clock
  const reading = {
    connectionId,
    stream,
    recordsKept: 'payloads' as const,
    batchRows: performing.batchRows,
    force,
    acceptAccount: performing.acceptAccount,
    accountFingerprint: source.accountFingerprint,
    place: placedAsIs,
    reporter: silent,
    context: { signal },
    reached,
    now,
  }
  if (command === 'replay') {
    async function* pages() {
      yield* loader.keptRecords()
      yield* loader.keptRejects()
    }
    const settings = { ...reading, flatten: stream.flatten, now }
    const { state } = await replay(loader, settings, pages, signal)
    return state === 'succeeded' ? { kind: 'succeeded' } : { kind: 'failed', message: state }
  }
  const { state, failures } =
    range === null ? await syncWindows({ ...reading, loader }) : await backfill({ ...reading, loader, range, again })
  const message = failures.map((failure) => failure.message).join('\n')
  return state === 'succeeded' ? { kind: 'succeeded' } : { kind: 'failed', message: `${state}: ${message}` }
}

const judged = (thrown: unknown): Ended => {
  const error = warehouseError(thrown)
  return error instanceof ReelhouseError
    ? { kind: 'failed', message: error.message }
    : { kind: 'defect', error: thrown }
}

/** Does in this process what a process of its own would; killed, nothing of it reaches anything any more. */
export const perform = async (bench: Bench, run: Run, performing: Performing): Promise<Ended> => {
  const { name, kill } = performing
  const controller = new AbortController()
  let left = kill?.nth ?? 0
  let dead: (ended: Ended) => void = () => undefined
  const death = new Promise<Ended>((resolve) => {
    dead = resolve
  })
  const reached = async (step: Step): Promise<void> => {
    if (controller.signal.aborted) return new Promise(() => undefined)
    if (step !== kill?.step || --left !== 0) return
    bench.postgres.kill(name)
    controller.abort(new Error('killed'))
    dead({ kind: 'killed' })
    await new Promise(() => undefined)
  }
  const sessions: Session[] = []
  const open = async (purpose: string): Promise<Session> => {
    const url = performing.mayBeCut ? bench.postgres.url : bench.database.url
    const session = await openSession(url, { purpose: `${name} ${purpose}` })
    sessions.push(session)
    return session
  }
  const alive = async (): Promise<Ended> => {
    try {
      const lockSession = await open('locks')
      const session = await open('load')
      return await work(bench, run, performing, { session, lockSession, signal: controller.signal, reached })
    } catch (error) {
      return judged(error)
    }
  }
  const ended = await Promise.race([alive(), death])
  if (ended.kind !== 'killed') for (const session of sessions) await session.close()
  return ended
}
