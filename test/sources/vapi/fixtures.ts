import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../src/transform/json-object.ts'

const folder = join(import.meta.dirname, '../../fixtures/vapi')

const listOf = (name: string): readonly JsonObject[] => {
  const answer: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  return Array.isArray(answer) ? answer.filter((item: unknown) => isJsonObject(item)) : []
}

export const allCalls = listOf('calls')

const at = (index: number): JsonObject => {
  const found = allCalls[index]
  if (found === undefined) throw new Error(`there is no call ${index}`)
  return found
}

/** With everything in it, secrets of its assistant too. */
export const inboundCall = at(0)
/** By a carrier's number of its own, transcript as list, 0.4 s long. */
export const outboundCall = at(1)
/** Without a transcript, but with what was said. */
export const webCall = at(2)
/** Of the time when artifacts stood at the top of the call. */
export const oldCall = at(3)
export const livingCall = at(4)
/** Ended, no recording yet; from a SIP address. */
export const unrecordedCall = at(5)
/** Ended before it began. */
export const websocketCall = at(6)
/** Nothing but what every call has. */
export const bareCall = at(7)
export const deletedCall = at(8)
export const unansweredCall = at(9)
