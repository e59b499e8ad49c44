import type { EpochMicros } from '../../domain/instant.ts'
import { startTelnyxSimulator } from '../../simulator/telnyx/simulator.ts'
import { formatInstant } from '../../transform/instant.ts'
import { day, demoKey, hour, minute, type SimulatedAccount } from './simulated-account.ts'

export const openTelnyxAccount = async (now: EpochMicros): Promise<SimulatedAccount> => {
  const { account, traps, baseUrl, close } = await startTelnyxSimulator({ apiKey: demoKey, seed: 2026 })
  traps.shuffledPages = true
  const ids = account.generate({ from: now - 4 * day, to: now - 2 * hour, count: 240 })
  const [transcribed = '', deleted = ''] = ids
  const links = { mp3: 'signed' }
  const unfinished = account.add({
    created_at: formatInstant(now - 90 * minute),
    status: 'processing',
    download_urls: undefined,
  })
  return {
    connection: 'telnyx',
    url: baseUrl,
    goOn: () => {
      account.add({ created_at: formatInstant(now - 20 * minute) })
      account.add({ created_at: formatInstant(now - 50 * hour) })
      account.transcribe(transcribed, {
        status: 'completed',
        transcription_text: 'Hello, is the two-bedroom still free?',
      })
      account.change(unfinished, { status: 'completed', download_urls: links })
      account.remove(deleted)
      return 'a new recording, a late one, a transcript, one that was in progress is completed, one deleted'
    },
    close,
  }
}
