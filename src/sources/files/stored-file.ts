import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { DumpFile } from '../source.ts'

/** Of the head of a file, and of what a decompressor gives at once. */
export const chunkBytes = 65_536

/** Small enough to keep memory flat, and parsing and socket writes interleaved. */
const readBytes = 4 * chunkBytes

/** What tells a file from one that was replaced or written to; whole numbers as text, so that it survives JSON. */
export interface FileIdentity {
  readonly device: string
  readonly inode: string
  readonly sizeBytes: string
  readonly modifiedNs: string
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)

const cannotRead = (name: string, error: unknown): SourceProtocolError =>
  new SourceProtocolError(
    `${name}: the file cannot be read (${codeOf(error)}); check that it exists and its permissions`,
    {
      cause: error,
    },
  )

/** The bytes of one dump file as stored, through one file descriptor. The opener closes it. */
export class StoredFile {
  readonly name: string
  readonly #handle: FileHandle
  #bytesRead = 0

  constructor(name: string, handle: FileHandle) {
    this.name = name
    this.#handle = handle
  }

  /** Bytes handed out so far. */
  get bytesRead(): number {
    return this.#bytesRead
  }

  async identity(): Promise<FileIdentity> {
    const { dev, ino, size, mtimeNs } = await this.#handle.stat({ bigint: true })
    return { device: `${dev}`, inode: `${ino}`, sizeBytes: `${size}`, modifiedNs: `${mtimeNs}` }
  }

  /** Throws SourceProtocolError when the file is not the one with this identity: nothing read of it can be trusted. */
  async mustBe(expected: FileIdentity): Promise<void> {
    const found = await this.identity()
    const same =
      found.device === expected.device &&
      found.inode === expected.inode &&
      found.sizeBytes === expected.sizeBytes &&
      found.modifiedNs === expected.modifiedNs
    if (same) return
    throw new SourceProtocolError(
      `${this.name}: the file changed while it was read (${expected.sizeBytes} bytes before, ${found.sizeBytes} now); ` +
        'it loads at the next run: write dumps under another name and rename them when they are complete',
    )
  }

  /**
   * All bytes from the start in chunks of 256 kB (the last one shorter); nothing is yielded for an empty file. A chunk is
   * good until the next one is asked for. That one is read meanwhile: asking the operating system costs more than the bytes.
   */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    const buffers = [Buffer.allocUnsafeSlow(readBytes), Buffer.allocUnsafeSlow(readBytes)] as const
    let next = this.#fill(buffers[0])
    try {
      for (let n = 1; ; n += 1) {
        const chunk = await next
        if (chunk.length === 0) return
        this.#bytesRead += chunk.length
        next = this.#fill(buffers[n % 2 === 0 ? 0 : 1])
        // It may fail while nobody waits for it: the process would end of that. Whoever asks for it is told.
        next.catch(() => null)
        yield chunk
      }
    } finally {
      await next.catch(() => null)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** A network file system may answer with less than asked; only nothing is the end. */
  async #fill(buffer: Buffer): Promise<Buffer> {
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await this.#read(buffer, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async #read(buffer: Buffer, offset: number): Promise<{ readonly bytesRead: number }> {
    try {
      return await this.#handle.read(buffer, offset, buffer.length - offset)
    } catch (error) {
      throw cannotRead(this.name, error)
    }
  }
}

/** Whether an opened file is the one that its path, which had no links in it, still leads to without one. */
const isAtItsPath = async ({ path }: DumpFile, handle: FileHandle): Promise<boolean> => {
  const [real, there, opened] = [
    await realpath(path),
    await stat(path, { bigint: true }),
    await handle.stat({ bigint: true }),
  ]
  return real === path && there.dev === opened.dev && there.ino === opened.ino
}

const replaced = (name: string): SourceProtocolError =>
  new SourceProtocolError(
    `${name}: it was replaced, or a link was put in its way, while it was opened; it loads at the next run`,
  )

/** Throws SourceProtocolError when the file cannot be opened, or when a link was put in its way since it was found. */
export const openStored = async (file: DumpFile): Promise<StoredFile> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW)
    if (await isAtItsPath(file, handle)) return new StoredFile(file.name, handle)
  } catch (error) {
    await handle?.close()
    throw codeOf(error) === 'ELOOP' ? replaced(file.name) : cannotRead(file.name, error)
  }
  await handle.close()
  throw replaced(file.name)
}
