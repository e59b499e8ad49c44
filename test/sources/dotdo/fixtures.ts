import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../src/transform/json-object.ts'

const folder = join(import.meta.dirname, '../../fixtures/dotdo')

export const recordingsText = readFileSync(join(folder, 'recordings.json'), 'utf8')
export const eventsText = readFileSync(join(folder, 'events.jsonl'), 'utf8')

const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((item: unknown) => isJsonObject(item)) : []

export const allRecordings = objectsIn(JSON.parse(recordingsText))

export const allEvents = objectsIn(
  eventsText
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line)),
)

const at = (index: number): JsonObject => {
  const found = allRecordings[index]
  if (found === undefined) throw new Error(`there is no recording ${index}`)
  return found
}

/** With every property, and every reference expanded; times in seconds. */
export const fullRecording = at(0)
/** References as ids; times in milliseconds. */
export const shortRecording = at(1)
export const processingRecording = at(2)
export const failedRecording = at(3)
export const deletedRecording = at(4)
/** No address but the one that is secret. */
export const secureRecording = at(5)
/** Its address is signed, and the time to delete it comes. */
export const signedRecording = at(6)
