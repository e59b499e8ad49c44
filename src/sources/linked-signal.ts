import { setMaxListeners } from 'node:events'
import { TransientError } from '../domain/errors.ts'
import type { ReadContext } from './source.ts'

/** A context whose work can be stopped by itself; it is stopped with the one that it was made of, for the same reason. */
export interface LinkedContext {
  readonly context: ReadContext
  /** Stops what goes on, and lets go of the other signal, which may live for days. */
  end(): void
}

/** Each request that is under way listens, and so does each budget that is waited for: of more than ten Node would warn, as of a leak. */
const mostListeners = 64

/** No `AbortSignal.any`: what it joins stays referenced by the signal that lives longest. */
export const linkContext = (parent: ReadContext): LinkedContext => {
  const own = new AbortController()
  setMaxListeners(mostListeners, own.signal)
  const stop = (): void => own.abort(parent.signal.reason)
  if (parent.signal.aborted) stop()
  else parent.signal.addEventListener('abort', stop, { once: true })
  return {
    context: { ...parent, signal: own.signal },
    end: () => {
      parent.signal.removeEventListener('abort', stop)
      own.abort(new TransientError('it is not needed any more'))
    },
  }
}
