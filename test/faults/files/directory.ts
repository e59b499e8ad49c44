import { createHash } from 'node:crypto'
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** One line of a dump: a state of a record, or none that can be read. */
export type Line =
  | { readonly kind: 'good'; readonly id: string; readonly version: number; readonly text: string }
  | { readonly kind: 'bad'; readonly id: string; readonly version: number }
  | { readonly kind: 'malformed'; readonly text: string }

/** Bytes with what they hold. */
export interface Content {
  readonly lines: readonly Line[]
  readonly bytes: Buffer
  readonly hash: string
  /** A compressed file that ends too early: some of its lines may be read, none of it is ever complete. */
  readonly broken: boolean
  /** Modification time, in seconds: the version of records that state none. */
  readonly modifiedAt: number
}

export type Blockage = 'permission' | 'directory' | 'circle' | 'dangling link'

const nobody = 65_534

/** Runs work as somebody whom permissions keep out: root they do not. */
export const asReader = async <T>(work: () => Promise<T>): Promise<T> => {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(nobody)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

export const textOf = (line: Line, stated: boolean): string => {
  if (line.kind === 'malformed') return `{"id":"${line.text}","at":`
  const at = line.kind === 'good' ? '2026-03-01T00:00:00Z' : 'yesterday'
  const text = line.kind === 'good' ? line.text : `bad ${line.version}`
  return JSON.stringify({ id: line.id, at, ...(stated ? { version: line.version } : {}), text })
}

/** The model: what lies in the directory, and what ever lay there while somebody may have looked. */
export class Directory {
  readonly folder: string
  readonly #stated: boolean
  readonly #files = new Map<string, Content>()
  /** By hash: contents that a sync may have read, whole or in part. */
  readonly exposed = new Map<string, Content>()
  /** By hash: contents that a sync has certainly loaded. */
  readonly loaded = new Map<string, Content>()
  readonly #blocked = new Map<string, Content>()
  #seconds = 0
  #temporary = 0

  /** `stated`: records state their version; otherwise it is the modification time of their file. */
  constructor(folder: string, stated: boolean) {
    this.folder = folder
    this.#stated = stated
  }

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true })
  }

  get names(): readonly string[] {
    return [...this.#files.keys()].sort()
  }

  linesOf(name: string): readonly Line[] {
    return this.#files.get(name)?.lines ?? []
  }

  contentOf(name: string): Content | undefined {
    return this.#files.get(name)
  }

  /** A sync looks from here on: what lies there may be read. */
  look(): void {
    for (const content of [...this.#files.values(), ...this.#blocked.values()]) this.exposed.set(content.hash, content)
  }

  /** A sync has succeeded, and nothing was changed meanwhile. */
  allLoaded(): void {
    for (const content of this.#files.values()) this.loaded.set(content.hash, content)
  }

  #contentOf(lines: readonly Line[], packed: boolean, cutTo: number | null): Content {
    const plain: Buffer = Buffer.from(lines.map((line) => `${textOf(line, this.#stated)}\n`).join(''))
    const whole: Buffer = packed ? gzipSync(plain) : plain
    const broken = cutTo !== null && packed
    const bytes: Buffer = broken ? whole.subarray(0, Math.max(12, Math.min(cutTo, whole.length - 1))) : whole
    this.#seconds += 1
    return {
      lines,
      bytes,
      hash: createHash('sha256').update(bytes).digest('hex'),
      broken,
      modifiedAt: 1_780_000_000 + this.#seconds,
    }
  }

  /** Another file of the same name is moved over it, as a careful exporter does. */
  async replace(name: string, lines: readonly Line[], packed = false, cutTo: number | null = null): Promise<void> {
    const content = this.#contentOf(lines, packed, cutTo)
    const path = join(this.folder, `.temporary-${this.#temporary++}`)
    await this.#write(path, content)
    await this.#unblock(name)
    await rename(path, join(this.folder, name))
    this.#files.set(name, content)
  }

  /** The same file is written over, as a careless one does. */
  async overwrite(name: string, lines: readonly Line[]): Promise<void> {
    const content = this.#contentOf(lines, false, null)
    await this.#unblock(name)
    await this.#write(join(this.folder, name), content)
    this.#files.set(name, content)
  }

  /** The same bytes under a newer time. */
  async touch(name: string): Promise<void> {
    const content = this.#files.get(name)
    if (content === undefined) return
    this.#seconds += 1
    const modifiedAt = 1_780_000_000 + this.#seconds
    await utimes(join(this.folder, name), modifiedAt, modifiedAt)
    this.#files.set(name, { ...content, modifiedAt })
  }

  /** The same bytes and time under another name. */
  async copy(from: string, to: string): Promise<void> {
    const content = this.#files.get(from)
    if (content === undefined || from === to) return
    await this.#unblock(to)
    await this.#write(join(this.folder, to), content)
    this.#files.set(to, content)
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true, recursive: true })
    this.#files.delete(name)
    this.#blocked.delete(name)
  }

  /** Nobody can read it for a while, one way or another; `asReader` makes a lost permission one for root, too. */
  async block(name: string, how: Blockage): Promise<void> {
    const content = this.#files.get(name)
    if (content === undefined) return
    const path = join(this.folder, name)
    if (how === 'permission') await chmod(path, 0)
    else await rm(path, { force: true })
    if (how === 'directory') await mkdir(path)
    if (how === 'circle') await symlink(name, path)
    if (how === 'dangling link') await symlink('nowhere', path)
    this.#files.delete(name)
    this.#blocked.set(name, content)
  }

  /** What was unreadable is as it was. */
  async unblockAll(): Promise<void> {
    for (const [name, content] of [...this.#blocked]) {
      await this.#unblock(name)
      await this.#write(join(this.folder, name), content)
      this.#files.set(name, content)
    }
  }

  async #unblock(name: string): Promise<void> {
    if (!this.#blocked.delete(name)) return
    await rm(join(this.folder, name), { force: true, recursive: true })
  }

  async #write(path: string, { bytes, modifiedAt }: Content): Promise<void> {
    await writeFile(path, bytes)
    await utimes(path, modifiedAt, modifiedAt)
  }
}
