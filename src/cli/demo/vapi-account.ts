import type { EpochMicros } from '../../domain/instant.ts'
import { startVapiSimulator } from '../../simulator/vapi/simulator.ts'
import { formatInstant } from '../../transform/instant.ts'
import { day, demoKey, hour, minute, type SimulatedAccount } from './simulated-account.ts'

/** The newest minute is not read: what happens is dated before it. */
export const openVapiAccount = async (now: EpochMicros): Promise<SimulatedAccount> => {
  const { account, baseUrl, close } = await startVapiSimulator({ apiKey: demoKey, seed: 2026 })
  const ids = account.generate({ from: now - 4 * day, to: now - 26 * hour, count: 60 })
  const [corrected = '', deleted = ''] = ids
  account.add({ createdAt: formatInstant(now - 25 * hour), startedAt: 'soon' })
  const unfinished = account.add({
    createdAt: formatInstant(now - 10 * minute),
    updatedAt: formatInstant(now - 10 * minute),
    status: 'in-progress',
    endedAt: undefined,
    artifact: undefined,
  })
  const artifact = {
    transcript: 'AI: How can I help?\nUser: Do you allow dogs?',
    recording: { mono: { combinedUrl: 'https://storage.example.test/mono.wav' } },
  }
  const updatedAt = formatInstant(now - 3 * minute)
  return {
    connection: 'vapi',
    url: baseUrl,
    goOn: () => {
      account.add({ createdAt: formatInstant(now - 20 * minute), updatedAt })
      account.change(unfinished, { status: 'ended', endedAt: updatedAt, artifact, updatedAt })
      account.change(corrected, { artifact, updatedAt })
      account.remove(deleted)
      return 'a new call, one that was in progress has ended, a corrected transcript, one deleted'
    },
    close,
  }
}
