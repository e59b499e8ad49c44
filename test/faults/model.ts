import type { EpochMicros } from '../../src/domain/instant.ts'

/** `pending`: the vendor still makes it; `bad`: it cannot become a row. */
export type State = 'living' | 'pending' | 'bad' | 'removed'

export interface Text {
  readonly text: string
  /** When it was written. */
  readonly at: EpochMicros
}

/** One recording of a simulated account, in no vendor's words. What it holds follows from `content`. */
export interface Recording {
  /** From 1, in the order in which they were made. */
  readonly n: number
  /** On the axis of the stream. */
  readonly at: EpochMicros
  state: State
  /** Before it was removed. */
  was: State
  content: number
  version: EpochMicros
  text: Text | null
  /** Every content and text that it ever had as `living`, or when its waiting ended. */
  readonly contents: Set<number>
  readonly texts: Set<string | null>
}

/** What a content means. */
export interface Content {
  readonly direction: 'inbound' | 'outbound'
  /** E.164; ends in 9001 where it is the account's own. */
  readonly from: string
  readonly to: string
  readonly seconds: number
}

export const ownNumber = '+15125559001'

export const contentOf = (content: number): Content => {
  const customer = `+1512555${String(1000 + (content % 1000))}`
  const isInbound = content % 2 === 0
  return {
    direction: isInbound ? 'inbound' : 'outbound',
    from: isInbound ? customer : ownNumber,
    to: isInbound ? ownNumber : customer,
    seconds: 30 + (content % 600),
  }
}

/** An id as vendors make them, the same in every run of a schedule. */
export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** What happens to an account; `pick` chooses among those that it may happen to. */
export class Model {
  readonly recordings: Recording[] = []
  #contents = 0

  make(at: EpochMicros, state: 'living' | 'pending' | 'bad', version: EpochMicros): Recording {
    const content = this.nextContent()
    const made: Recording = {
      n: this.recordings.length + 1,
      at,
      state,
      was: state,
      content,
      version,
      text: null,
      contents: new Set([content]),
      texts: new Set([null]),
    }
    this.recordings.push(made)
    return made
  }

  nextContent(): number {
    this.#contents += 1
    return this.#contents
  }

  /** The `pick`-th of those in one of the states, in circles; undefined when there is none. */
  choose(pick: number, ...states: readonly State[]): Recording | undefined {
    const able = this.recordings.filter(({ state }) => states.includes(state))
    return able[pick % Math.max(able.length, 1)]
  }
}
