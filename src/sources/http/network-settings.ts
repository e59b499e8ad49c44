import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { z } from 'zod'
import { ConfigError } from '../../domain/errors.ts'
import type { SourcePlace } from '../configured-source.ts'

/** Settings of every phone platform about the network between us. */
export const networkSettings = {
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Certificate authorities (PEM) that this connection trusts besides the usual ones, relative to this file: for a proxy or a server of your own',
    ),
  internal_links: z
    .boolean()
    .default(false)
    .describe('Links to audio may lead to private addresses, and do without TLS: for a platform in your own network'),
}

export interface NetworkSettings {
  readonly ca_file?: string | undefined
  readonly internal_links: boolean
}

const readAuthorities = async (path: string, connectionId: string): Promise<SecureContext> => {
  const refuse = (why: string) => new ConfigError([`connection ${connectionId}: ca_file ${path} ${why}`])
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refuse(`cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`)
  })
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch {
    throw refuse('holds a certificate that cannot be read; allowed: certificates in PEM form')
  }
  if (blocks.length === 0) throw refuse('holds no certificate; allowed: certificates in PEM form')
  return createSecureContext({ ca: [...rootCertificates, ...blocks] })
}

/** The authorities of a connection, those of Node among them, read once, with its first request; null = there is no ca_file. */
export const authoritiesOf = (
  { ca_file }: NetworkSettings,
  { connectionId, folder }: SourcePlace,
): (() => Promise<SecureContext | null>) => {
  if (ca_file === undefined) return async () => null
  let read: Promise<SecureContext> | undefined
  return () => (read ??= readAuthorities(resolve(folder, ca_file), connectionId))
}
