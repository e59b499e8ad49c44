import type { EpochMicros } from '../domain/instant.ts'
import { startTelnyxSimulator, type TelnyxSimulator } from '../simulator/telnyx/simulator.ts'
import { formatInstant } from '../transform/instant.ts'

const minute = 60_000_000
const hour = 60 * minute
const day = 24 * hour

/** Opens a simulated account and nothing else. */
const apiKey = 'KEY-of-the-demo-account'

export interface DemoAccount {
  /** What the configuration of the demo refers to. */
  readonly env: Readonly<Record<string, string>>
  /** The phone system goes on: what the next sync is to find. */
  goOn(): void
  close(): Promise<void>
}

/** A simulated Telnyx account with four days of recordings, odd ones among them. */
export const openDemoAccount = async (now: EpochMicros): Promise<DemoAccount> => {
  const simulator = await startTelnyxSimulator({ apiKey, seed: 2026 })
  const ids = simulator.account.generate({ from: now - 4 * day, to: now - 2 * hour, count: 240 })
  return {
    env: {
      REELHOUSE_DEMO_API_KEY: apiKey,
      REELHOUSE_DEMO_URL: simulator.baseUrl,
      REELHOUSE_DEMO_START: formatInstant(now - 5 * day),
    },
    goOn: () => goOn(simulator, ids, now),
    close: () => simulator.close(),
  }
}

const goOn = ({ account }: TelnyxSimulator, ids: readonly string[], now: EpochMicros): void => {
  const completed = ids.filter((id) => account.get(id)?.status === 'completed')
  const [transcribed, deleted] = completed
  account.add({ created_at: formatInstant(now - 20 * minute) })
  account.add({ created_at: formatInstant(now - 50 * hour) })
  if (transcribed !== undefined) {
    account.transcribe(transcribed, {
      status: 'completed',
      transcription_text: 'Hello, is the two-bedroom still free?',
    })
  }
  if (deleted !== undefined) account.remove(deleted)
}
