import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { stableUrl } from '../../transform/signed-link.ts'
import { recordIn } from './events.ts'

/** What stands in place of a link that is a secret: that there is one says that there is audio. */
export const linkMark = 'link'

const isThere = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** A `url` that is signed is a second secureUrl, and another one in every answer. */
const isSigned = (url: unknown): boolean => {
  if (typeof url !== 'string') return false
  const reading = stableUrl(url.trim())
  return reading.kind === 'value' && reading.value === undefined
}

/** Changed by everybody who listens, while the recording stays the same. */
const volatile: readonly string[] = ['downloadCount', 'lastAccessed']

const secret: readonly string[] = ['secureUrl', 'encryptionKey']

const keptRecording = (record: JsonObject): JsonObject => {
  const signed = isSigned(record.url)
  const dropped = [...secret, ...volatile, ...(signed ? ['url'] : [])]
  const kept = Object.fromEntries(Object.entries(record).filter(([name]) => !dropped.includes(name)))
  if (!signed && !Object.hasOwn(record, 'secureUrl')) return kept
  return { ...kept, secureUrl: signed || isThere(record.secureUrl) ? linkMark : null }
}

/** A record, or an event about one, as it may be stored: without what opens or decrypts it, and what changes by itself. */
export const keptRecord = (record: unknown): unknown => {
  if (!isJsonObject(record)) return record
  const inner = recordIn(record)
  return inner === record ? keptRecording(record) : { ...record, data: keptRecording(inner) }
}
