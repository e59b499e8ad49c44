import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limitYoungObjects } from './young-objects.ts'

/** Bytes of garbage that are worth the twenty milliseconds or so that a collection takes. */
const worthwhile = 16_000_000

/** Bytes of an answer that is collected once it has been parsed: its bytes, and the text that it was parsed from. */
const largeAnswer = 4_000_000

/** Bytes for young objects (of both halves) that are enough. */
const mostYoung = 16_000_000

const olderSpaces: ReadonlySet<string> = new Set(['old_space', 'large_object_space'])

/** Bytes in use, garbage among them. */
interface InUse {
  /** Of older objects. */
  readonly heap: number
  /** With what lies outside of the heap: buffers. */
  readonly all: number
}

/** When nothing is garbage, as far as is known. */
let held: InUse = { heap: Number.POSITIVE_INFINITY, all: Number.POSITIVE_INFINITY }

/** Without an argument all garbage. With any, V8 of Node 20 collects that of young objects alone. */
type Collect = (what?: { readonly type: 'minor' }) => void

let collecting: Collect | undefined

const collector = (): Collect => {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return typeof gc === 'function' ? (...what) => void gc(...what) : () => undefined
}

const gc: Collect = (...what) => {
  collecting ??= collector()
  collecting(...what)
}

const inUse = (): InUse => {
  const heap = getHeapSpaceStatistics()
    .filter(({ space_name }) => olderSpaces.has(space_name))
    .reduce((bytes, { space_used_size }) => bytes + space_used_size, 0)
  return { heap, all: heap + getHeapStatistics().external_memory }
}

/** What has come into use since nothing was garbage. */
const grown = (): InUse => {
  const { heap, all } = inUse()
  held = { heap: Math.min(held.heap, heap), all: Math.min(held.all, all) }
  return { heap: heap - held.heap, all: all - held.all }
}

const collect = (): void => {
  gc()
  held = inUse()
}

/** Young objects alone, and the buffers that are theirs: a millisecond or two. Of older ones it is not known what is garbage. */
const collectYoung = (): void => {
  gc({ type: 'minor' })
  held = { ...held, all: inUse().all }
}

/** An answer of so many bytes has been parsed: what a large one was parsed from is twice its size. */
export const collectGarbageOfParsing = (bytes: number): void => {
  if (bytes >= largeAnswer) collect()
}

/**
 * To be called while a request is under way: then a collection is in the way of least. Node lets garbage grow to several times
 * what is held: of answers of 10 MB that is some 150 MB, of small ones 70 (measured by bench:memory and bench:api).
 */
export const collectGarbageOfAnswers = (): void => {
  limitYoungObjects(mostYoung)
  if (grown().all >= worthwhile) collect()
}

/**
 * To be called behind every page of a dump. Lines that are taken as they are make no garbage in the heap, and what is unpacked
 * of a compressed one dies young; after a whole collection that they have no need of, Node would go on with many (measured: a
 * quarter more CPU).
 */
export const collectGarbageOfRecords = (): void => {
  const { heap, all } = grown()
  if (heap >= worthwhile) collect()
  else if (all >= worthwhile) collectYoung()
}
