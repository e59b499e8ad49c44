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

/** In any spelling, also as the end of a dotted path: a typed client's, a column's. */
const wordOf = (name: string): string => (name.split('.').at(-1) ?? '').toLowerCase().replaceAll(/[^a-z]/g, '')

/** At any depth: a reference may be expanded, and an envelope may be another one than is known. */
const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  return isJsonObject(value) ? membersWithoutSecrets(value) : value
}

const membersWithoutSecrets = (value: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const word = wordOf(name)
      if (word === 'encryptionkey') return []
      return [[name, word === 'secureurl' ? (isThere(member) ? linkMark : null) : withoutSecrets(member)]]
    }),
  )

const keptRecording = (record: JsonObject): JsonObject => {
  const signed = isSigned(record.url)
  const dropped = signed ? [...volatile, 'url'] : volatile
  const kept = Object.fromEntries(Object.entries(record).filter(([name]) => !dropped.includes(name)))
  return signed ? { ...kept, secureUrl: linkMark } : kept
}

/** A record, or an event about one, as it may be stored: without what opens or decrypts it, and what changes by itself. */
export const keptRecord = (record: unknown): unknown => {
  const clean = withoutSecrets(record)
  if (!isJsonObject(clean)) return clean
  const inner = recordIn(clean)
  return inner === clean ? keptRecording(clean) : { ...clean, data: keptRecording(inner) }
}

const secretName = String.raw`((?:secure[_-]?url|encryption[_-]?key)\\*["']\s*:\s*)`

/** Up to the next quote that is not escaped. */
const quotedSecret = new RegExp(`${secretName}\\\\*"(?:[^"\\\\]|\\\\.)*`, 'gis')

const bareSecret = new RegExp(`${secretName}[^\\s",}\\]\\\\][^,}\\]]*`, 'gi')

const address = /[a-z][a-z\d+.-]{0,20}:(?:\\*\/){2}[^\s"<>]*/gi

/** A text that cannot be read as a record does not tell which of its addresses opens the audio: none is kept. */
export const keptText = (text: string): string =>
  text
    .replaceAll(quotedSecret, `$1"${linkMark}`)
    .replaceAll(bareSecret, `$1"${linkMark}"`)
    .replaceAll(address, linkMark)
