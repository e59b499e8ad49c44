import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'

const readIssued = compileInstantReader({ format: "yyyyMMdd'T'HHmmss'Z'", zone: 'UTC' })

const microsPerSecond = 1_000_000

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,11}$/.test(text) ? Number(text) : null

/** Of S3 and R2 (`X-Amz-`), and of Google (`X-Goog-`): when it was issued, and for how many seconds. */
const issuedFor = (parameters: URLSearchParams, vendor: 'Amz' | 'Goog'): EpochMicros | null => {
  const issued = readIssued(parameters.get(`X-${vendor}-Date`) ?? '')
  const seconds = wholeNumber(parameters.get(`X-${vendor}-Expires`))
  return issued.kind === 'value' && seconds !== null ? issued.value + seconds * microsPerSecond : null
}

/** When a signed link dies, as its query says; null = it does not say. */
export const linkExpiry = (url: URL): EpochMicros | null => {
  const { searchParams } = url
  const until = wholeNumber(searchParams.get('Expires'))
  return (
    issuedFor(searchParams, 'Amz') ??
    issuedFor(searchParams, 'Goog') ??
    (until === null ? null : until * microsPerSecond)
  )
}
