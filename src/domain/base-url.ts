import { z } from 'zod'
import { ConfigError } from './errors.ts'
import { secretFields } from './secret.ts'

/** Whether it is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

const problemOf = (url: URL): string | null => {
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'is an http: address, and credentials would travel in clear; allowed: https://, or http:// on this machine'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is no web address; allowed: https://<host>/<path>'
  if (url.username !== '' || url.password !== '')
    return 'has a user or password in it; allowed: an address without, credentials have settings of their own'
  if (url.search !== '' || url.hash !== '') return 'has a query or fragment; allowed: https://<host>/<path>'
  return null
}

/** Whether anything may be asked there at all. */
export const isSafeBaseUrl = (url: URL): boolean => problemOf(url) === null

/** Throws ConfigError when credentials must not be sent there. The address itself is not shown: it may hold a password. */
export const requireSafeBaseUrl = (url: URL): void => {
  const problem = problemOf(url)
  if (problem !== null) throw new ConfigError([`base_url ${problem}`])
}

/** Without a slash at the end, so that paths can be appended; nothing but the origin ends in one. */
const withoutSlash = (url: URL): URL => {
  const normal = new URL(url)
  normal.pathname = url.pathname.replace(/\/+$/, '')
  return normal
}

/** An address that credentials may be sent to. */
export const addressSetting = () =>
  z
    .string()
    .register(secretFields, { kind: 'url' })
    .transform((text, { issues }) => {
      const url = URL.canParse(text) ? new URL(text) : null
      const problem = url === null ? 'is no web address; allowed: https://<host>/<path>' : problemOf(url)
      if (url !== null && problem === null) return withoutSlash(url)
      issues.push({ code: 'custom', message: problem ?? '', input: text })
      return z.NEVER
    })

/** The address of a vendor's API; `standard` when the operator gives none. */
export const baseUrlSetting = (standard: string) => addressSetting().prefault(standard)
