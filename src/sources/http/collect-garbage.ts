import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of an answer behind which garbage is worth some ten milliseconds. */
const large = 4_000_000

let collect: (() => void) | undefined

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return typeof gc === 'function' ? () => void gc() : () => undefined
}

/**
 * To be called when an answer of so many bytes has been worked on. Node lets garbage grow to several times what is held: of
 * answers of 10 MB that is some 150 MB (measured by bench:memory).
 */
export const collectGarbageOf = (bytes: number): void => {
  if (bytes < large) return
  collect ??= collector()
  collect()
}
