// A simulated platform in a process of its own, so that its memory and CPU are not counted for the program. Its argument: which
// one, how many recordings of how many days, how late it answers, and how much may be asked.
import { startDotdoSimulator } from '../dist/simulator/dotdo/simulator.js'
import { startGenesysSimulator } from '../dist/simulator/genesys/simulator.js'
import { startTelnyxSimulator } from '../dist/simulator/telnyx/simulator.js'
import { startVapiSimulator } from '../dist/simulator/vapi/simulator.js'
import { startVoipbinSimulator } from '../dist/simulator/voipbin/simulator.js'

const day = 86_400_000_000
const { source, key, count, days, latencyMs, limit } = JSON.parse(process.argv[2])
const now = Date.now() * 1000
const range = { from: now - days * day + 60_000_000, to: now - day / 24, count, plain: true }

const start = {
  telnyx: () => startTelnyxSimulator({ apiKey: key, latencyMs }),
  voipbin: () => startVoipbinSimulator({ accessKey: key, latencyMs }),
  genesys: () => startGenesysSimulator({ clientId: 'bench', clientSecret: key, latencyMs }),
  vapi: () => startVapiSimulator({ apiKey: key, latencyMs }),
  dotdo: () => startDotdoSimulator({ apiKey: key, latencyMs }),
}

const simulator = await start[source]()
const { account = simulator } = simulator
account.generate(range)
if (limit !== null) simulator.traps.rateLimit = source === 'genesys' ? { ...limit, allowed: limit.requests } : limit

let [first, last] = [0, 0]
simulator.onRequest = () => {
  last = performance.now()
  if (simulator.requests.length === 1) first = last
}

/** What arrived since the last time that it was asked for: seconds are those from the first request to the last one. */
process.on('message', () => {
  const { requests } = simulator
  const of = (keep) => requests.filter(keep).length
  const answered = requests.filter(
    ({ method = 'GET', status, path }) => method === 'GET' && status === 200 && path !== '/oauth/token',
  )
  process.send?.({
    requests: requests.length,
    recordings: of(({ path }) => /\/conversations\/[^/]+\/recordings$/.test(path)),
    refused: of(({ status }) => status === 429),
    seconds: (last - first) / 1000,
    typical: answered[Math.floor(answered.length / 2)],
  })
  simulator.forgetRequests()
})
process.send?.({
  url: simulator.baseUrl ?? simulator.url,
  path: simulator.path,
  start: new Date((now - (days + 1) * day) / 1000),
})
