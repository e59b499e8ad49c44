import { createHash } from 'node:crypto'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { DumpFile } from '../source.ts'
import { binaryBytes, knownBinary } from './binary-content.ts'
import { decodeHead, type FileEncoding } from './decode.ts'
import { byteOrderMark, createUtf8Inspector, decideEncoding, type Utf8Evidence } from './detect-encoding.ts'
import { gunzipped, isGzip } from './gunzip.ts'
import type { FilesSettings } from './settings.ts'
import { chunkBytes, type FileIdentity, openStored, type StoredFile } from './stored-file.ts'

/** The first decoded text of a file: enough to see its format, delimiter and header. */
export interface FileHead {
  readonly text: string
  /** It is all there is. */
  readonly complete: boolean
}

/** What one pass over all bytes of a file shows. */
export interface ScannedBytes {
  readonly contentHash: string
  readonly contentBytes: number
  readonly gzip: boolean
  readonly encoding: FileEncoding
  readonly bomBytes: number
  readonly identity: FileIdentity
  readonly head: FileHead
}

interface Content {
  readonly bytes: number
  readonly head: Buffer
  readonly evidence: Utf8Evidence
}

/** Content bytes of a file: what was stored, decompressed when it is compressed. */
export const contentOf = (stored: StoredFile, gzip: boolean): AsyncGenerator<Buffer, void, undefined> =>
  gzip ? gunzipped(stored.name, stored.chunks()) : stored.chunks()

/** `head`: no more of a file than its head, to see whether it can be what the settings say. */
export type ScanDepth = 'all' | 'head'

const inspectContent = async (content: AsyncIterable<Buffer>, name: string, depth: ScanDepth): Promise<Content> => {
  const inspector = createUtf8Inspector()
  const head: Buffer[] = []
  let bytes = 0
  for await (const chunk of content) {
    if (bytes < chunkBytes) head.push(Buffer.from(chunk.subarray(0, chunkBytes - bytes)))
    if (bytes === 0) refuseKnownBinary(chunk, name)
    bytes += chunk.length
    inspector.push(chunk)
    if (depth === 'head' && bytes > chunkBytes) break
  }
  return { bytes, head: Buffer.concat(head), evidence: inspector.end() }
}

const expected = 'expected CSV or JSON text, plain or compressed with gzip'

const refuseKnownBinary = (head: Buffer, name: string): void => {
  const binary = knownBinary(head)
  if (binary === null) return
  throw new SourceProtocolError(`${name}: the file is ${binary}; ${expected}: export it as CSV, or unpack it first`)
}

const refuseBinary = (head: Buffer, name: string): void => {
  const found = binaryBytes(head)
  if (found === null) return
  const advice =
    found === 'controls' ? 'export it as text' : `it may be UTF-16 without a byte order mark: set encoding: ${found}`
  throw new SourceProtocolError(
    `${name}: the file is not text (many control bytes at its start); ${expected}: ${advice}`,
  )
}

/** Hashes what passes by, and stops with the reason of the signal when the run is stopped. */
async function* hashed(
  chunks: AsyncIterable<Buffer>,
  update: (chunk: Buffer) => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    update(chunk)
    yield chunk
  }
}

/** The chunks again, with the first of them known. */
const peeked = async (
  chunks: AsyncGenerator<Buffer, void, undefined>,
): Promise<readonly [Buffer, AsyncGenerator<Buffer, void, undefined>]> => {
  const first = await chunks.next()
  const head = first.value ?? Buffer.alloc(0)
  async function* all(): AsyncGenerator<Buffer, void, undefined> {
    if (head.length > 0) yield head
    yield* chunks
  }
  return [head, all()]
}

const scanOpened = async (
  stored: StoredFile,
  declared: FilesSettings['encoding'],
  signal: AbortSignal,
  depth: ScanDepth,
): Promise<ScannedBytes> => {
  const { name } = stored
  const identity = await stored.identity()
  const hash = createHash('sha256')
  const [first, chunks] = await peeked(hashed(stored.chunks(), (chunk) => hash.update(chunk), signal))
  const gzip = isGzip(first)
  const { bytes, head, evidence } = await inspectContent(gzip ? gunzipped(name, chunks) : chunks, name, depth)
  await stored.mustBe(identity)
  const mark = byteOrderMark(head)
  const encoding = decideEncoding(name, declared, mark, evidence)
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') refuseBinary(head, name)
  const bomBytes = mark?.bytes ?? 0
  const complete = bytes === head.length
  const text = decodeHead(head, encoding, bomBytes, complete)
  return {
    contentHash: hash.digest('hex'),
    contentBytes: bytes,
    gzip,
    encoding,
    bomBytes,
    identity,
    head: { text, complete },
  }
}

/** Reads the bytes once. Throws SourceProtocolError when they are no text, cut off, corrupt or changing. */
export const scanBytes = async (
  file: DumpFile,
  declared: FilesSettings['encoding'],
  signal: AbortSignal,
  depth: ScanDepth,
): Promise<ScannedBytes> => {
  const stored = await openStored(file)
  try {
    return await scanOpened(stored, declared, signal, depth)
  } finally {
    await stored.close()
  }
}
