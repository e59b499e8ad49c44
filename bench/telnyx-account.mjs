// A simulated Telnyx account in a process of its own, so that its memory and CPU are not counted for the program.
import { startTelnyxSimulator } from '../dist/simulator/telnyx/simulator.js'

const day = 86_400_000_000
const { apiKey, recordings, days, latencyMs } = JSON.parse(process.argv[2])
const now = Date.now() * 1000
const simulator = await startTelnyxSimulator({ apiKey, latencyMs })
simulator.account.generate({ from: now - days * day, to: now - day / 24, count: recordings, plain: true })

process.on('message', () => {
  const count = simulator.requests.length
  simulator.forgetRequests()
  process.send?.({ count })
})
process.send?.({ baseUrl: simulator.baseUrl, now })
