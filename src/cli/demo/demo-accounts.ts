import type { EpochMicros } from '../../domain/instant.ts'
import { formatInstant } from '../../transform/instant.ts'
import { openDotdoAccount } from './dotdo-account.ts'
import { openGenesysAccount } from './genesys-account.ts'
import { day, demoKey, type SimulatedAccount } from './simulated-account.ts'
import { openTelnyxAccount } from './telnyx-account.ts'
import { openVapiAccount } from './vapi-account.ts'
import { openVoipbinAccount } from './voipbin-account.ts'

export interface DemoAccounts {
  /** What the configuration of the demo refers to. */
  readonly env: Readonly<Record<string, string>>
  /** In the order of the configuration. */
  readonly connections: readonly string[]
  /** Every platform goes on: what the next sync is to find, by connection. */
  goOn(): readonly (readonly [connection: string, what: string])[]
  close(): Promise<void>
}

const open = [openTelnyxAccount, openVoipbinAccount, openGenesysAccount, openVapiAccount, openDotdoAccount]

/** A simulated account of every platform, on this machine. */
export const openDemoAccounts = async (now: EpochMicros): Promise<DemoAccounts> => {
  const accounts: SimulatedAccount[] = []
  const close = async () => {
    await Promise.all(accounts.map((account) => account.close()))
  }
  try {
    for (const openAccount of open) accounts.push(await openAccount(now))
  } catch (error) {
    await close()
    throw error
  }
  const urls = accounts.map(({ connection, url }) => [`REELHOUSE_DEMO_${connection.toUpperCase()}_URL`, url])
  return {
    env: {
      REELHOUSE_DEMO_KEY: demoKey,
      REELHOUSE_DEMO_START: formatInstant(now - 5 * day),
      ...Object.fromEntries(urls),
    },
    connections: accounts.map(({ connection }) => connection),
    goOn: () => accounts.map((account) => [account.connection, account.goOn()]),
    close,
  }
}
