import { lookup as resolveName } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { pipeline } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { createGunzip } from 'node:zlib'
import type { Exchange } from './exchange.ts'
import { isPrivateAddress } from './private-address.ts'

/** Who may be talked to. `fetch` of Node can be told neither. */
export interface Trust {
  /** Made of the authorities that are trusted; null = those of Node. */
  readonly authorities: SecureContext | null
  /** Names must not lead into the own network: the address came from a vendor. */
  readonly publicOnly: boolean
}

export interface OpenedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
}

export const privateAddressCode = 'REELHOUSE_PRIVATE_ADDRESS'

/** As part of connecting, so that no second look-up can give another address than the one that was judged. */
const lookupPublic: LookupFunction = (name, options, done) => {
  resolveName(name, { ...options, all: true }, (error, addresses) => {
    const refused = error === null && addresses.some(({ address }) => isPrivateAddress(address))
    const failure = refused ? Object.assign(new Error('private address'), { code: privateAddressCode }) : error
    const [first] = addresses ?? []
    if (failure !== null || first === undefined) done(failure ?? new Error('no address'), '')
    else if (options.all === true) done(null, addresses)
    else done(null, first.address, first.family)
  })
}

/** For one client alone: a socket that another one opened was judged by other rules. Verification cannot be switched off. */
export const trustingAgent = ({ authorities, publicOnly }: Trust): Agent =>
  new Agent({
    keepAlive: true,
    rejectUnauthorized: true,
    ...(authorities === null ? {} : { secureContext: authorities }),
    ...(publicOnly ? { lookup: lookupPublic } : {}),
  })

/** As fetch reports it: network-failure.ts reads both. */
const asFetchFailure = (error: unknown): TypeError => new TypeError('fetch failed', { cause: error })

const headersOf = ({ headersDistinct }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  return headers
}

async function* bodyOf(response: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
  const isGzip = response.headers['content-encoding']?.trim().toLowerCase() === 'gzip'
  // What breaks the response breaks what is read of it: the error is thrown below.
  const bytes: AsyncIterable<Uint8Array> = isGzip ? pipeline(response, createGunzip(), () => undefined) : response
  try {
    for await (const chunk of bytes) yield chunk
  } catch (error) {
    throw asFetchFailure(error)
  }
}

/** One https request by Node's own client, otherwise as fetch makes it. Never follows a redirect. */
export const requestDirectly = (
  { url, method, headers, body }: Exchange,
  agent: Agent,
  signal: AbortSignal,
): Promise<OpenedAnswer> =>
  new Promise((resolve, reject) => {
    const request = requestHttps(url, {
      method,
      headers: { ...Object.fromEntries(headers), 'accept-encoding': 'gzip' },
      signal,
      agent,
    })
    request.on('error', (error) => reject(asFetchFailure(error)))
    request.on('response', (response) =>
      resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: bodyOf(response) }),
    )
    request.end(body)
  })
