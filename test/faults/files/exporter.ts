import type { Directory, Line } from './directory.ts'
import type { LinePlan, Operation } from './schedule.ts'

const nameOf = (file: number): string => `dump-${file}.jsonl`

/** Records of a file that is read page by page, in several batches. */
const longLength = 1_100

/** Of them: so many that batches have none in common, and are written side by side, and some come twice. */
const longIds = 600

/** Whoever writes the dumps: carries out operations, and makes every state of a record another one. */
export class Exporter {
  readonly #directory: Directory
  readonly #stated: boolean
  readonly #history = new Map<string, (readonly Line[])[]>()
  #count = 0

  constructor(directory: Directory, stated: boolean) {
    this.#directory = directory
    this.#stated = stated
  }

  async carryOut(operation: Operation): Promise<void> {
    const directory = this.#directory
    if (operation.does === 'unblock') return directory.unblockAll()
    const name = nameOf(operation.file)
    const before = directory.linesOf(name)
    switch (operation.does) {
      case 'replace':
      case 'overwrite': {
        const lines = this.#linesOf(operation.file, operation.lines)
        const all = operation.long ? [...this.#filler(operation.file), ...lines] : lines
        this.#remember(name, all)
        return operation.does === 'replace' ? directory.replace(name, all) : directory.overwrite(name, all)
      }
      case 'grow': {
        const all = [...before, ...this.#linesOf(operation.file, operation.lines)]
        this.#remember(name, all)
        return directory.overwrite(name, all)
      }
      case 'cut': {
        const kept = before.slice(0, operation.to)
        const half: readonly Line[] = operation.inLine ? [{ kind: 'malformed', text: `half ${operation.to}` }] : []
        this.#remember(name, [...kept, ...half])
        return directory.overwrite(name, [...kept, ...half])
      }
      // Where the file is the version, two files with the same records are the operator's mistake.
      case 'copy':
        return this.#stated ? directory.copy(name, nameOf(operation.to)) : undefined
      case 'gzip':
        return directory.contentOf(name) === undefined ? undefined : directory.replace(name, before, true)
      case 'gzip-cut':
        return directory.contentOf(name) === undefined ? undefined : directory.replace(name, before, true, operation.to)
      case 'touch':
        return directory.touch(name)
      case 'revert': {
        const earlier = this.#history.get(name)?.at(-2)
        if (earlier === undefined) return
        this.#remember(name, earlier)
        return directory.replace(name, earlier)
      }
      case 'delete':
        return directory.remove(name)
      case 'block':
        return directory.block(name, operation.how)
    }
  }

  #remember(name: string, lines: readonly Line[]): void {
    this.#history.set(name, [...(this.#history.get(name) ?? []), lines])
  }

  #linesOf(file: number, plans: readonly LinePlan[]): readonly Line[] {
    return plans.map((plan) => this.#line(file, plan))
  }

  #line(file: number, { is, id, old }: LinePlan): Line {
    this.#count += 1
    if (is === 'malformed') return { kind: 'malformed', text: `broken ${this.#count}` }
    const recordId = this.#stated ? `rec-${id}` : `rec-${file}-${id}`
    const version = 1_000_000 + (old ? -this.#count : this.#count)
    if (is === 'bad') return { kind: 'bad', id: recordId, version }
    return { kind: 'good', id: recordId, version, text: `said ${this.#count}` }
  }

  #filler(file: number): readonly Line[] {
    return Array.from({ length: longLength }, (_, n) => {
      this.#count += 1
      return {
        kind: 'good',
        id: `long-${file}-${n % longIds}`,
        version: 1_000_000 + this.#count,
        text: `said ${this.#count}`,
      }
    })
  }
}
