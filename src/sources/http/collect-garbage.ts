import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of answers that are worth the twenty milliseconds or so that a collection takes. */
const worthwhile = 4_000_000

/** Of answers behind whose work no garbage was collected yet. */
let uncollected = 0

let collecting: (() => void) | undefined

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return typeof gc === 'function' ? () => void gc() : () => undefined
}

const collect = (): void => {
  collecting ??= collector()
  collecting()
}

/** An answer of so many bytes has come. */
export const noteAnswer = (bytes: number): void => {
  uncollected += bytes
}

/** An answer of so many bytes has been parsed: what a large one was parsed from is twice its size. */
export const collectGarbageOfParsing = (bytes: number): void => {
  if (bytes >= worthwhile) collect()
}

/**
 * To be called while a request is under way: nothing waits for us then. Node lets garbage grow to several times what is held:
 * of answers of 10 MB that is some 150 MB, of small ones 70 (measured by bench:memory and bench:api).
 */
export const collectGarbageOfWork = (): void => {
  if (uncollected < worthwhile) return
  uncollected = 0
  collect()
}
