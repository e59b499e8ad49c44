import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember } from '../../transform/member.ts'

/** What stands in a stored record in place of a link: which formats there are stays visible, and nothing changes from answer to answer. */
export type LinkKind = 'link' | 'own storage'

const linkName = /urls?$/i

const webAddress = /^https?:\/\//i

/** Telnyx signs what lies in its own storage; a location in the customer's has no query to sign (`s3://`, `gs://`, a plain address). */
export const linkKind = (address: string): LinkKind =>
  webAddress.test(address) && /[?#@]/.test(address) ? 'link' : 'own storage'

const markLinks = (value: unknown): unknown => {
  if (typeof value === 'string') return value === '' ? value : linkKind(value)
  if (Array.isArray(value)) return value.map(markLinks)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, markLinks(item)]))
}

/** The resource as it is stored and compared: every answer signs its links anew, and a signed link is a secret. */
export const withoutLinks = (recording: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(recording).map(([name, value]) => [name, linkName.test(name) ? markLinks(value) : value]),
  )

const downloadUrls = compileMember('download_urls')
/** Of old resources. */
const downloadUrl = compileMember('download_url')

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** Whether there is audio to play, by a resource with links or with what stands in their place. */
export const hasLinks = (recording: JsonObject): boolean => {
  const urls = downloadUrls(recording)
  return isText(downloadUrl(recording)) || (isJsonObject(urls) ? Object.values(urls).some(isText) : isText(urls))
}
