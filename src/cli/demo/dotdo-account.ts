import type { EpochMicros } from '../../domain/instant.ts'
import { startDotdoSimulator } from '../../simulator/dotdo/simulator.ts'
import { day, demoKey, hour, minute, type SimulatedAccount } from './simulated-account.ts'

const secondsOf = (at: EpochMicros): number => Math.floor(at / 1_000_000)

export const openDotdoAccount = async (now: EpochMicros): Promise<SimulatedAccount> => {
  const simulator = await startDotdoSimulator({ apiKey: demoKey })
  const { add, generate, change, remove, baseUrl, close } = simulator
  const [moved = '', deleted = ''] = generate({ from: now - 4 * day, to: now - 5 * hour, count: 60 })
  add({ created: secondsOf(now - 4 * hour), startTime: 'noon' })
  const unfinished = add({ created: secondsOf(now - 3 * hour), status: 'processing' })
  return {
    connection: 'dotdo',
    url: baseUrl,
    goOn: () => {
      add({ created: secondsOf(now - 20 * minute) })
      add({ created: secondsOf(now - 30 * hour) })
      change(unfinished, { status: 'completed' })
      change(moved, { url: 'https://recordings.example.test/moved.mp3' })
      remove(deleted)
      return 'a new recording, a late one, one that was in progress is completed, a new address, one deleted'
    },
    close,
  }
}
