import type { EpochMicros } from '../../domain/instant.ts'
import { startVoipbinSimulator } from '../../simulator/voipbin/simulator.ts'
import { day, demoKey, hour, minute, type SimulatedAccount } from './simulated-account.ts'

/** It writes every resource in one of its dialects, also within one answer. */
export const openVoipbinAccount = async (now: EpochMicros): Promise<SimulatedAccount> => {
  const { account, baseUrl, close } = await startVoipbinSimulator({
    accessKey: demoKey,
    seed: 2026,
    traps: { dialect: 'mixed' },
  })
  const ids = account.generate({ from: now - 4 * day, to: now - 5 * hour, count: 60 })
  const [transcribed = '', , deleted = ''] = ids
  account.add({ tm_create: now - 4 * hour, tm_start: 'yesterday' })
  const began = now - 3 * hour
  const unfinished = account.add({
    tm_create: began,
    tm_start: began,
    tm_end: null,
    tm_update: began,
    status: 'recording',
  })
  return {
    connection: 'voipbin',
    url: baseUrl,
    goOn: () => {
      account.add({ tm_create: now - 20 * minute, tm_end: now - 15 * minute })
      account.add({ tm_create: now - 30 * hour })
      account.change(unfinished, { status: 'ended', tm_end: now - 3 * minute })
      account.transcribe(transcribed, { tm_create: now - 10 * minute, tm_update: now - 10 * minute }, [
        { message: 'Is unit 4B still open?', offset_ms: 400 },
        { message: 'It is, until Friday.', offset_ms: 2_900 },
      ])
      account.remove(deleted)
      return 'a new recording, a late one, a transcript, one that was in progress has ended, one deleted'
    },
    close,
  }
}
