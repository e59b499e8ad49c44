import { startVapiSimulator } from '../../../src/simulator/vapi/simulator.ts'
import { noTraps, type VapiTraps } from '../../../src/simulator/vapi/traps.ts'
import { contentOf, idOf, ownNumber, type Recording } from '../model.ts'
import { rereads, type Vendor, type VendorAccount } from '../vendor.ts'

const apiKey = 'vapi-faults-not-a-real-key-61d0'

const traps: Readonly<Record<string, Partial<VapiTraps>>> = {
  'filters ignored': { filtersIgnored: true },
  'the clock an hour behind': { dateSkewSeconds: -3600 },
  'the clock an hour ahead': { dateSkewSeconds: 3600 },
  'no clock': { dateSkewSeconds: null },
}

const written = (micros: number): string => new Date(micros / 1000).toISOString()

const resource = ({ at, version, state, content, text }: Recording) => {
  const { direction, from, to, seconds } = contentOf(content)
  const isPending = state === 'pending'
  return {
    type: direction === 'inbound' ? 'inboundPhoneCall' : 'outboundPhoneCall',
    status: isPending ? 'in-progress' : 'ended',
    updatedAt: written(version),
    startedAt: state === 'bad' ? written(at).slice(0, -1) : written(at),
    endedAt: isPending ? undefined : written(at + seconds * 1_000_000),
    customer: { number: direction === 'inbound' ? from : to },
    phoneNumberId: undefined,
    phoneNumber: { twilioPhoneNumber: ownNumber },
    artifact: isPending
      ? undefined
      : {
          recording: { mono: { combinedUrl: 'https://storage.example.test/mono.wav' } },
          ...(text === null ? {} : { transcript: text.text }),
        },
  }
}

const open: Vendor['open'] = async (now): Promise<VendorAccount> => {
  const simulator = await startVapiSimulator({ apiKey, now })
  const { account } = simulator
  const put = (recording: Recording): void => {
    const id = idOf(recording.n)
    if (account.get(id) === undefined) account.add({ id, createdAt: written(recording.at), ...resource(recording) })
    else account.change(id, resource(recording))
  }
  return {
    origin: new URL(simulator.baseUrl).origin,
    put,
    remove: ({ n }) => account.remove(idOf(n)),
    write: (recording, { at }) => {
      recording.version = at
      put(recording)
    },
    has: ({ n }) => account.get(idOf(n)) !== undefined,
    trap: (name) => {
      simulator.traps = { ...noTraps, ...(name === null ? {} : traps[name]) }
    },
    close: () => simulator.close(),
  }
}

export const vapi: Vendor = {
  name: 'vapi',
  settings: (origin) => ({
    api_key: `\${VAPI_API_KEY}`,
    base_url: origin,
    calls_per_request: 25,
    requests_per_second: 1000,
    timeout: '1s',
    rereads: [{ depth: '15m', every: 'run' }],
    creation_rereads: rereads.slice(1),
  }),
  env: { VAPI_API_KEY: apiKey },
  // Every call carries the configuration of its assistant.
  secrets: [apiKey, 'simulated-server-secret'],
  traps: Object.keys(traps),
  axis: 'createdAt',
  resolution: 1000,
  tied: 6,
  hasTexts: true,
  hasPending: true,
  hasBad: true,
  changesSilently: true,
  provesDeletions: true,
  mayWait: false,
  placeOn: (axis, { at, version }) => (axis === 'createdAt' ? at : version),
  hasTokens: false,
  pendingFor: 7 * 86_400_000_000,
  rejectCode: 'missing-zone',
  open,
  idOf: ({ n }) => idOf(n),
  row: ({ n, at }, { direction, from, to, seconds }, text, as) => ({
    message_id: idOf(n),
    created_at: at,
    message_direction: direction,
    phone_number: from,
    number_dialed_by_user: to,
    call_duration_in_sec: as === 'done' ? seconds : null,
    message_text: text,
    recording_status: as === 'done' ? 'available' : 'processing',
  }),
}
