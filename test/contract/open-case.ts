import { onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import type { SettingsBySource } from '../../src/config/read-connections.ts'
import { ConfigError } from '../../src/domain/errors.ts'
import { ConfiguredSource } from '../../src/sources/configured-source.ts'
import type { ApiSource, ReadContext, WindowStream } from '../../src/sources/source.ts'
import { writeFiles } from '../config/config-folder.ts'
import { shortWaits } from '../support/short-waits.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

/** A source of a registry, with its case. */
export interface Registered {
  readonly sources: SettingsBySource
  readonly name: string
  readonly contract: ContractCase
}

/** A configuration with one connection, as an operator has it: JSON is YAML. */
export const configured = (registered: Registered, settings: Readonly<Record<string, unknown>>): Promise<ApiSource> =>
  configuredIn(registered, settings, async () => undefined)

/** The same, with further files; `write` is given the folder above that of the configuration. */
export const configuredIn = async (
  { sources, name, contract }: Registered,
  settings: Readonly<Record<string, unknown>>,
  write: (folder: string) => Promise<void>,
): Promise<ApiSource> => {
  const connections = [{ id: 'front-desk', source: name, ...settings }]
  const cwd = await writeFiles({ 'config/reelhouse.yaml': JSON.stringify({ connections }) })
  await write(cwd)
  const config = await loadConfig({ paths: ['config'], cwd, env: contract.env, settingsBySource: sources })
  const [connection] = config.connections
  const written = connection?.settings
  if (!(written instanceof ConfiguredSource)) throw new Error('the settings are no source')
  const opened = written.open({ connectionId: 'front-desk', folder: connection?.configDir ?? cwd, retry: shortWaits })
  if (opened.kind !== 'api') throw new Error(`${name} is no API source`)
  return opened
}

/** Problems with which the settings are refused; none when they are accepted. */
export const problemsWith = async (
  registered: Registered,
  settings: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> => {
  try {
    await configured(registered, { ...registered.contract.settings, ...settings })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

export interface OpenCase {
  readonly account: ContractAccount
  readonly source: ApiSource
  readonly stream: WindowStream
  readonly context: ReadContext
  readonly notices: readonly string[]
}

/** The source at its vendor's stand-in, which ends with the test. */
export const openCase = async (
  registered: Registered,
  { knowsKey = true, signal }: { readonly knowsKey?: boolean; readonly signal?: AbortSignal } = {},
): Promise<OpenCase> => {
  const { name, contract } = registered
  const account = await contract.start({ knowsKey })
  onTestFinished(() => account.close())
  const source = await configured(registered, { ...contract.settings, ...account.settings })
  const [stream] = source.streams
  if (stream === undefined) throw new Error(`${name} has no stream`)
  const notices: string[] = []
  const context = {
    signal: signal ?? new AbortController().signal,
    notice: (message: string) => void notices.push(message),
  }
  return { account, source, stream, context, notices }
}
