import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './answer.ts'

const block = 'x'.repeat(64 * 1024)

/** JSON of at least so many bytes, made while it is sent. */
const hugeJson = function* (bytes: number): Generator<string, void, undefined> {
  yield '{"data":[],"padding":"'
  for (let sent = 0; sent < bytes; sent += block.length) yield block
  yield '"}'
}

/** Returns when the answer is sent, or the client or the simulator has closed the connection. */
export const sendAnswer = async (
  response: ServerResponse,
  answer: Answer,
  hugeBytes: number,
  signal: AbortSignal,
): Promise<void> => {
  if (answer.delayMs > 0) await sleep(answer.delayMs, undefined, { signal }).catch(() => undefined)
  if (response.destroyed || signal.aborted) return
  if (answer.manner === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  const body = Buffer.from(answer.body)
  const length = answer.manner === 'huge' ? {} : { 'content-length': body.length }
  response.writeHead(answer.status, { ...answer.headers, ...length })
  if (answer.manner === 'half') response.write(body.subarray(0, Math.floor(body.length / 2)))
  else if (answer.manner === 'whole') response.end(body)
  else await pipeline(Readable.from(hugeJson(hugeBytes)), response).catch(() => undefined)
}
