import { start } from './bench.ts'
import { beginning, type Clock, minute } from './clock.ts'
import type { Model, Recording } from './model.ts'
import type { Action } from './schedule.ts'
import type { Vendor, VendorAccount } from './vendor.ts'
import type { StoredWindow } from './warehouse.ts'

export interface World {
  readonly model: Model
  readonly account: VendorAccount
  readonly clock: Clock
  /** The clock of the account. */
  readonly now: () => number
  readonly vendor: Pick<Vendor, 'resolution' | 'tied'>
  /** Of the ledger so far. */
  readonly windows: readonly StoredWindow[]
}

type Happening = Exclude<Action, { readonly do: 'run' }>

/** As the vendor can write it. */
const shown = ({ vendor }: World, micros: number): number => Math.floor(micros / vendor.resolution) * vendor.resolution

/** Something of the account changes, now. */
const touch = (world: World, recording: Recording): void => {
  const { account, now } = world
  recording.version = shown(world, now())
  recording.contents.add(recording.content)
  account.put(recording)
}

/** `before`: microseconds since it changed last, where that is later than it began. */
const add = (world: World, at: number, state: 'living' | 'pending' | 'bad', before = 0): void => {
  const { model, account } = world
  const now = shown(world, world.now())
  const began = Math.min(Math.max(shown(world, at), start), now)
  account.put(model.make(began, state, Math.max(began, shown(world, now - before))))
}

const change = (world: World, recording: Recording): void => {
  recording.content = world.model.nextContent()
  touch(world, recording)
}

type Act<Name extends Happening['do']> = (world: World, action: Extract<Happening, { readonly do: Name }>) => void

const toLiving =
  (act: (world: World, recording: Recording) => void): Act<'change'> =>
  (world, { pick }) => {
    const recording = world.model.choose(pick, 'living')
    if (recording !== undefined) act(world, recording)
  }

const acts: { readonly [Name in Happening['do']]: (world: World, action: Extract<Happening, { do: Name }>) => void } = {
  add: (world, { count, ago, apart }) => {
    const now = world.now()
    const areTied = count <= world.vendor.tied
    // Within what is read: before its start all would lie on one time.
    const room = (beginning - start) / minute
    const spread = Math.min(Math.max(apart, areTied ? 0 : 1), Math.floor(room / count))
    const last = Math.min(ago, room - count * spread)
    for (let n = 0; n < count; n += 1) {
      add(world, now - (last + n * spread) * minute, 'living', areTied ? 0 : n * world.vendor.resolution)
    }
  },
  'add on an edge': (world, { pick }) => {
    const edges = [...new Set(world.windows.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
    add(world, edges[pick % Math.max(edges.length, 1)] ?? start, 'living')
  },
  'add pending': (world, { ago }) => add(world, world.now() - ago * minute, 'pending'),
  'add bad': (world, { ago }) => add(world, world.now() - ago * minute, 'bad'),
  change: toLiving(change),
  'change twice': toLiving((world, recording) => {
    change(world, recording)
    world.clock.advance(minute)
    change(world, recording)
  }),
  'change silently': toLiving(({ model, account }, recording) => {
    recording.content = model.nextContent()
    recording.contents.add(recording.content)
    account.put(recording)
  }),
  'change back': toLiving((world, recording) => {
    const [first] = recording.contents
    recording.content = first ?? recording.content
    touch(world, recording)
  }),
  remove: ({ model, account }, { pick }) => {
    const recording = model.choose(pick, 'living', 'pending', 'bad')
    if (recording === undefined) return
    account.remove(recording)
    recording.was = recording.state
    recording.state = 'removed'
  },
  return: ({ model, account }, { pick }) => {
    const recording = model.choose(pick, 'removed')
    if (recording === undefined) return
    recording.state = recording.was
    account.put(recording)
  },
  break: toLiving((world, recording) => {
    recording.state = 'bad'
    touch(world, recording)
  }),
  mend: (world, { pick }) => {
    const recording = world.model.choose(pick, 'bad')
    if (recording === undefined) return
    recording.state = 'living'
    change(world, recording)
  },
  finish: (world, { pick }) => {
    const recording = world.model.choose(pick, 'pending')
    if (recording === undefined) return
    recording.state = 'living'
    touch(world, recording)
  },
  write: toLiving((world, recording) => {
    const { account, now, model } = world
    const text = { text: `What was said, ${model.nextContent()}.`, at: shown(world, now()) }
    recording.text = text
    recording.texts.add(text.text)
    account.write(recording, text)
  }),
  wait: ({ clock }, { minutes }) => clock.advance(minutes * minute),
}

export const happen = <Name extends Happening['do']>(
  world: World,
  action: Extract<Happening, { readonly do: Name }>,
): void => {
  const act: (world: World, action: Extract<Happening, { readonly do: Name }>) => void = acts[action.do as Name]
  act(world, action)
}

/** What a trap has removed in the meantime. Returns those. */
export const noteRemoved = ({ model, account }: World): ReadonlySet<Recording> => {
  const gone = model.recordings.filter((recording) => recording.state !== 'removed' && !account.has(recording))
  for (const recording of gone) {
    recording.was = recording.state
    recording.state = 'removed'
  }
  return new Set(gone)
}
