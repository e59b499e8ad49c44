import { createGunzip, type Gunzip } from 'node:zlib'
import { SourceProtocolError } from '../../domain/errors.ts'
import { chunkBytes } from './stored-file.ts'

/** By magic bytes and method, never by name: exports are renamed, and downloaders unpack silently. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08

const trailingBytes = (name: string): SourceProtocolError =>
  new SourceProtocolError(`${name}: there are bytes after the end of the compressed data; compress the file again`)

const write = (gunzip: Gunzip, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    gunzip.write(chunk, (error) => (error ? reject(error) : resolve()))
  })

/**
 * zlib stops without a word at the first zero byte after a member: padding is legal, but what follows it would be lost.
 */
const feed = async (name: string, stored: AsyncIterable<Buffer>, gunzip: Gunzip): Promise<void> => {
  let fed = 0
  let padding = false
  const unused = async (chunk: Buffer): Promise<Buffer> => {
    await write(gunzip, chunk)
    fed += chunk.length
    return chunk.subarray(chunk.length - (fed - gunzip.bytesWritten))
  }
  for await (const chunk of stored) {
    const rest: Buffer = padding ? chunk : await unused(chunk)
    padding ||= rest.length > 0
    if (rest.some((byte) => byte !== 0)) throw trailingBytes(name)
  }
  gunzip.end()
}

const asProtocolError = (name: string, good: number, error: unknown): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') return error
  const what = code === 'Z_BUF_ERROR' ? 'is cut off' : 'is corrupt'
  return new SourceProtocolError(
    `${name}: the compressed data ${what}: ${good} decompressed bytes before that were good; fetch or export the file again`,
    { cause: error },
  )
}

/** The decompressed bytes; concatenated members are one content. Throws SourceProtocolError when cut off or corrupt. */
export async function* gunzipped(name: string, stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  let failure: Error | null = null
  const feeding = feed(name, stored, gunzip).catch((error: Error) => {
    failure = error
    gunzip.destroy(error)
  })
  // The output may have ended when the padding behind it turns out to be none: nobody listens then.
  gunzip.on('error', () => {})
  let good = 0
  try {
    for await (const chunk of gunzip.iterator({ destroyOnReturn: false })) {
      good += chunk.length
      yield chunk
    }
    await feeding
    if (failure !== null) throw failure
  } catch (error) {
    throw asProtocolError(name, good, error)
  } finally {
    gunzip.destroy()
  }
}
