import { onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { ConfigError } from '../../src/domain/errors.ts'
import { ConfiguredSource } from '../../src/sources/configured-source.ts'
import { sources } from '../../src/sources/registry.ts'
import type { ApiSource, ReadContext, WindowStream } from '../../src/sources/source.ts'
import { writeFiles } from '../config/config-folder.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

/** A configuration with one connection, as an operator has it: JSON is YAML. */
export const configured = async (
  source: string,
  { env }: ContractCase,
  settings: Readonly<Record<string, unknown>>,
): Promise<ApiSource> => {
  const connections = [{ id: 'front-desk', source, ...settings }]
  const cwd = await writeFiles({ 'config/reelhouse.yaml': JSON.stringify({ connections }) })
  const config = await loadConfig({ paths: ['config'], cwd, env, settingsBySource: sources })
  const written = config.connections[0]?.settings
  if (!(written instanceof ConfiguredSource)) throw new Error('the settings are no source')
  const opened = written.open({ connectionId: 'front-desk', folder: cwd })
  if (opened.kind !== 'api') throw new Error(`${source} is no API source`)
  return opened
}

/** Problems with which the settings are refused; none when they are accepted. */
export const problemsWith = async (
  source: string,
  contract: ContractCase,
  settings: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> => {
  try {
    await configured(source, contract, { ...contract.settings, ...settings })
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
  name: string,
  contract: ContractCase,
  { knowsKey = true, signal }: { readonly knowsKey?: boolean; readonly signal?: AbortSignal } = {},
): Promise<OpenCase> => {
  const account = await contract.start({ knowsKey })
  onTestFinished(() => account.close())
  const source = await configured(name, contract, { ...contract.settings, ...account.settings })
  const [stream] = source.streams
  if (stream === undefined) throw new Error(`${name} has no stream`)
  const notices: string[] = []
  const context = {
    signal: signal ?? new AbortController().signal,
    notice: (message: string) => void notices.push(message),
  }
  return { account, source, stream, context, notices }
}
