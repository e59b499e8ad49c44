import { ConfigError, SourceProtocolError } from '../../domain/errors.ts'
import { AttemptFailed } from './attempt-failed.ts'
import { privateAddressCode } from './direct-request.ts'

/** Codes of Node and of its HTTP client that another attempt may cure. */
const transientCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_SOCKET',
])

/** A certificate that does not prove the host: credentials must not be sent. */
const certificateCodes: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const distrust = (code: string): string => {
  const said = `(${code}), nothing was sent`
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `is not valid now ${said}; its owner must renew it, which no ca_file cures; or correct the clock of this machine`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return `is of another host ${said}; correct base_url, no ca_file cures it`
  return `is not trusted ${said}; correct base_url, or name the certificate authority that signed it in ca_file`
}

/** fetch throws TypeError and says in its cause what happened. Null: it was no failure of the network, but a defect. */
const codeOf = (error: unknown): string | null => {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return null
  return 'code' in error.cause && typeof error.cause.code === 'string' ? error.cause.code : 'no code'
}

/**
 * What a request that broke becomes. Causes are left behind: that of a broken answer holds its bytes, which may echo the
 * credentials. `where`: connection and request.
 */
export const networkFailure = (error: unknown, where: string): unknown => {
  const code = codeOf(error)
  if (code === null) return error
  if (transientCodes.has(code)) return new AttemptFailed(code, { kind: 'transient' })
  if (code.startsWith('Z_')) return new AttemptFailed(`damaged compression (${code})`, { kind: 'unreadable' })
  if (code.startsWith('HPE_')) return new AttemptFailed(`what is no HTTP (${code})`, { kind: 'unreadable' })
  if (certificateCodes.has(code)) return new ConfigError([`${where}: the certificate of the host ${distrust(code)}`])
  if (code === privateAddressCode)
    return new SourceProtocolError(
      `${where}: the name of the host leads into a private network, nothing was sent; set internal_links: true when it ` +
        'belongs there',
    )
  return new SourceProtocolError(`${where}: the host cannot be talked to (${code}); check base_url and proxies`)
}
