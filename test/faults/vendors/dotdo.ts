import { type DotdoTraps, startDotdoSimulator } from '../../../src/simulator/dotdo/simulator.ts'
import { contentOf, idOf, ownNumber, type Recording } from '../model.ts'
import { rereads, type Vendor, type VendorAccount } from '../vendor.ts'

const apiKey = 'dotdo-faults-not-a-real-token-61d0'

const noTraps: DotdoTraps = {
  repeatedPage: false,
  emptySecondPage: false,
  filtersIgnored: false,
  refused: {},
  everyRequest: null,
  rateLimit: null,
  tokens: 'text',
}

const traps: Readonly<Record<string, Partial<DotdoTraps>>> = {
  'the first page again and again': { repeatedPage: true },
  'the second page is empty': { emptySecondPage: true },
  'filters ignored': { filtersIgnored: true },
  'tokens that are numbers': { tokens: 'number' },
}

const inSeconds = (micros: number): number => Math.floor(micros / 1_000_000)

const resource = (recording: Recording) => {
  const { direction, from, to, seconds } = contentOf(recording.content)
  const customer = { number: direction === 'inbound' ? from : to }
  return {
    status: recording.state === 'pending' ? 'processing' : 'completed',
    startTime: recording.state === 'bad' ? 'yesterday' : inSeconds(recording.at),
    updated: inSeconds(recording.version),
    duration: seconds,
    call: { id: `call-${recording.n}`, direction, customer },
    phoneNumber: { phoneNumber: ownNumber },
    transcript: recording.text === null ? null : { text: recording.text.text },
  }
}

const open: Vendor['open'] = async (now): Promise<VendorAccount> => {
  const simulator = await startDotdoSimulator({ apiKey, now })
  const held = new Set<string>()
  const put = (recording: Recording): void => {
    const id = idOf(recording.n)
    if (held.has(id)) simulator.change(id, resource(recording))
    else simulator.add({ id, created: inSeconds(recording.at), ...resource(recording) })
    held.add(id)
  }
  return {
    origin: new URL(simulator.baseUrl).origin,
    put,
    remove: ({ n }) => {
      simulator.remove(idOf(n))
      held.delete(idOf(n))
    },
    write: (recording, { at }) => {
      recording.version = at
      put(recording)
    },
    has: ({ n }) => held.has(idOf(n)),
    trap: (name) => void Object.assign(simulator.traps, noTraps, name === null ? {} : traps[name]),
    close: () => simulator.close(),
  }
}

export const dotdo: Vendor = {
  name: 'dotdo',
  settings: (origin) => ({
    api_key: `\${DOTDO_API_KEY}`,
    base_url: origin,
    path: '/vapi/callRecordings',
    page_size: 7,
    requests_per_second: 1000,
    timeout: '1s',
    rereads,
  }),
  env: { DOTDO_API_KEY: apiKey },
  secrets: [apiKey, 'sig=simulated'],
  traps: Object.keys(traps),
  axis: 'created',
  resolution: 1_000_000,
  tied: 1000,
  hasTexts: true,
  hasPending: true,
  hasBad: true,
  changesSilently: true,
  provesDeletions: true,
  mayWait: false,
  placeOn: (_axis, { at }) => at,
  hasTokens: false,
  pendingFor: 7 * 86_400_000_000,
  rejectCode: 'invalid-instant',
  open,
  idOf: ({ n }) => idOf(n),
  row: ({ n, at }, { direction, from, to, seconds }, text, as) => ({
    message_id: idOf(n),
    created_at: at,
    message_direction: direction,
    phone_number: from,
    number_dialed_by_user: to,
    call_duration_in_sec: seconds,
    message_text: text,
    recording_status: as === 'done' ? 'available' : 'processing',
  }),
}
