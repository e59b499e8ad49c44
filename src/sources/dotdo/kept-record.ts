import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { recordIn } from './events.ts'

/** What stands in place of a link that is a secret: that there is one says that there is audio. */
export const linkMark = 'link'

const isThere = (value: unknown): boolean => typeof value === 'string' && value !== ''

const keptRecording = (record: JsonObject): JsonObject => {
  const { secureUrl, encryptionKey: _, ...kept } = record
  return Object.hasOwn(record, 'secureUrl') ? { ...kept, secureUrl: isThere(secureUrl) ? linkMark : null } : kept
}

/** A record, or an event about one, as it may be stored: without the link that opens it, and the key that decrypts it. */
export const keptRecord = (record: unknown): unknown => {
  if (!isJsonObject(record)) return record
  const inner = recordIn(record)
  return inner === record ? keptRecording(record) : { ...record, data: keptRecording(inner) }
}
