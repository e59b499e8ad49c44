import type { EpochMicros } from '../../domain/instant.ts'
import { startGenesysSimulator } from '../../simulator/genesys/simulator.ts'
import { formatInstant } from '../../transform/instant.ts'
import { day, demoKey, hour, minute, type SimulatedAccount } from './simulated-account.ts'

const said = ['Hi, is unit 4B still open?', 'It is. Would you like to see it?', 'Tomorrow at ten, please.']

const chatAt = (at: EpochMicros) => ({
  media: 'chat',
  transcript: said.map((body, n) => ({
    id: `demo-message-${n}`,
    body,
    bodyType: 'STANDARD',
    utc: formatInstant(at + n * minute),
    participantPurpose: n === 1 ? 'agent' : 'customer',
  })),
})

export const openGenesysAccount = async (now: EpochMicros): Promise<SimulatedAccount> => {
  const { account, url, close } = await startGenesysSimulator({
    clientId: 'client-of-the-demo',
    clientSecret: demoKey,
    seed: 2026,
  })
  const ids = account.generate({ from: now - 4 * day + minute, to: now - 5 * hour, count: 60 })
  const [consulted = ''] = ids
  account.consult(consulted)
  account.addRecording(consulted, {})
  account.add({ start: now - 4 * hour, recordings: [{ id: undefined }] })
  account.add({ start: now - 4 * hour, mediaType: 'chat', recordings: [chatAt(now - 4 * hour)] })
  account.add({ start: now - 30 * minute, recordings: [] })
  const unfinished = account.add({ start: now - 3 * hour, end: now + 365 * day })
  const uploading = account.add({ start: now - 2 * hour, recordings: [{ fileState: 'UPLOADING' }] })
  const [upload = ''] = account.recordings(uploading)
  return {
    connection: 'genesys',
    url,
    goOn: () => {
      account.add({ start: now - 40 * minute })
      account.end(unfinished, now - 20 * minute)
      account.changeRecording(uploading, upload, { fileState: 'AVAILABLE' })
      account.end(uploading, now - 21 * minute)
      return 'a new call, a call of three hours has ended, the audio of another is uploaded'
    },
    close,
  }
}
