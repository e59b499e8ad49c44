import { open } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { SourceProtocolError } from '../../../src/domain/errors.ts'
import { StoredFile } from '../../../src/sources/files/stored-file.ts'
import { dump } from './dump.ts'

const readAhead = 262_144

test('chunks are the bytes in order, each untouched until the next one is asked for', async () => {
  const content = Buffer.alloc(readAhead * 4 + 1, 0).map((_, at) => at / 1000)
  const handle = await open((await dump('chunks.csv', content)).path)
  const pieces: Buffer[] = []
  for await (const chunk of new StoredFile('chunks.csv', handle).chunks()) {
    const before = Buffer.from(chunk)
    await setImmediate()
    expect(chunk.equals(before)).toBe(true)
    pieces.push(before)
  }
  await handle.close()
  expect(pieces.map(({ length }) => length)).toEqual([readAhead, readAhead, readAhead, readAhead, 1])
  expect(Buffer.concat(pieces).equals(content)).toBe(true)
})

test('a read that fails ahead of its time is told to whoever asks for its bytes, and to nobody else', async () => {
  const handle = await open((await dump('broken.csv', Buffer.alloc(readAhead * 2))).path)
  const file = new StoredFile('broken.csv', handle)
  const chunks = file.chunks()
  const read = vi.spyOn(handle, 'read')
  read.mockImplementationOnce(async () => ({ bytesRead: readAhead, buffer: Buffer.alloc(0) }))
  read.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }))
  const told: unknown[] = []
  const tell = (reason: unknown) => void told.push(reason)
  process.on('unhandledRejection', tell)
  try {
    expect((await chunks.next()).value).toHaveLength(readAhead)
    for (let turn = 0; turn < 3; turn += 1) await setImmediate()
    await expect(chunks.next()).rejects.toThrow(
      new SourceProtocolError('broken.csv: the file cannot be read (EIO); check that it exists and its permissions'),
    )
    expect(told).toEqual([])
  } finally {
    process.off('unhandledRejection', tell)
    await handle.close()
  }
})
