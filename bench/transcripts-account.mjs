// A simulated Telnyx account, in a process of its own, whose recordings have transcripts of 10 MB each.
import { startTelnyxSimulator } from '../dist/simulator/telnyx/simulator.js'

const count = Number(process.argv[2])
const hour = 3_600_000_000
const now = Date.now() * 1000
const simulator = await startTelnyxSimulator({ apiKey: 'bench' })
const ids = simulator.account.generate({ from: now - 24 * hour, to: now - 4 * hour, count, plain: true })
const text = 'when could we come to see it? '.repeat(350_000)
for (const id of ids) simulator.account.transcribe(id, { transcription_text: text })
process.send?.({ url: simulator.baseUrl, start: new Date((now - 48 * hour) / 1000).toISOString() })
