import type { EpochMicros } from '../../src/domain/instant.ts'
import { startVapiSimulator, type VapiSimulator } from '../../src/simulator/vapi/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import {
  apiKey,
  createDisturbance,
  day,
  type Expected,
  hour,
  type LimitedVendor,
  minute,
  pending,
  rejected,
  rowOf,
  writtenMillis,
} from './vendor.ts'

const faults = ['retry-after', 'reset-epoch', 'server-error', 'html', 'truncated', 'stalled', 'reset'] as const

const traps = { silentLimit: 100, retryAfterSeconds: 1, dateSkewSeconds: null } as const

const hasAudio = ({ artifact, recordingUrl }: Readonly<Record<string, unknown>>): boolean =>
  Object(artifact).recording !== undefined || recordingUrl !== undefined

const expectedOf = ({ account }: VapiSimulator, began: EpochMicros): readonly Expected[] =>
  account.ids().map((id) => {
    const call = account.get(id) ?? {}
    const { startedAt, createdAt, endedAt, status } = call
    const start = startedAt ?? createdAt
    if (startedAt === 'soon') return rejected(id, 'invalid-instant')
    if (status === 'in-progress') return pending(id, 'status-in-progress')
    const isRecent = Date.parse(String(endedAt)) * 1000 > began - 20 * minute
    if (!hasAudio(call) && isRecent) return pending(id, 'no-recording')
    return rowOf(id, {
      message_id: id,
      conversation_id: id,
      created_at: writtenMillis(start),
      recording_status: hasAudio(call) ? 'available' : 'failed',
      recording_url: hasAudio(call) ? `https://api.vapi.ai/call/${id}/mono-recording` : null,
      deleted: false,
    })
  })

export const openVapi = async (began: EpochMicros, count: number): Promise<LimitedVendor> => {
  const simulator = await startVapiSimulator({ apiKey, traps })
  const { account } = simulator
  const ids = account.generate({ from: began - 2 * day, to: began - hour, count })
  // A burst in one second: half of it is hidden wherever an answer holds it all.
  const burst = began - 30 * hour - (began % 1000)
  for (let n = 0; n < 150; n += 1) account.add({ createdAt: formatInstant(burst + n * 7_000) })
  const recently = formatInstant(began - 10 * minute)
  account.add({ createdAt: recently, status: 'in-progress', endedAt: undefined, artifact: undefined })
  account.add({ createdAt: recently, endedAt: recently, updatedAt: recently, artifact: undefined })
  account.add({ createdAt: formatInstant(began - 3 * hour), artifact: undefined })
  account.add({ createdAt: formatInstant(began - 3 * hour), startedAt: 'soon' })
  const literal = account.add({
    createdAt: formatInstant(began - 50 * hour),
    startedAt: '2026-07-14T10:00:00.000Z',
    endedAt: '2026-07-14T10:01:12.600Z',
    type: 'inboundPhoneCall',
    phoneNumberId: account.numbers[0]?.id,
    customer: { number: '+15125550142', name: 'Jo Doe', externalId: 't0000042', email: 'jo.doe@example.test' },
    artifact: { recordingUrl: 'https://storage.example.test/a.wav', transcript: 'AI: Hello.\nUser: Is it open?' },
    recordingUrl: 'https://storage.example.test/a.wav',
  })
  const disturbance = createDisturbance<(typeof faults)[number]>(faults, 'server-error')
  simulator.onRequest = () => {
    const fault = disturbance.fault()
    simulator.traps.faults = fault === null ? [] : [fault]
  }
  return {
    connection: 'vapi',
    config: ['source: vapi', `api_key: \${API_KEY}`, `base_url: ${simulator.baseUrl}`, 'requests_per_second: 1000'],
    expected: () => expectedOf(simulator, began),
    literal: {
      message_id: literal,
      conversation_id: literal,
      created_at: '2026-07-14 10:00:00+00',
      message_text: 'AI: Hello.\nUser: Is it open?',
      first_name: 'Jo',
      last_name: 'Doe',
      sender_ext_ref: 't0000042',
      phone_number: '+15125550142',
      email_address: 'jo.doe@example.test',
      message_direction: 'inbound',
      number_dialed_by_user: '+15125559001',
      call_duration_in_sec: 73,
      recording_url: `https://api.vapi.ai/call/${literal}/mono-recording`,
    },
    remove: () => {
      const id = ids.slice(60).find((each) => account.get(each) !== undefined) ?? ''
      account.remove(id)
      return id
    },
    ...disturbance,
    limit: (requests) => {
      simulator.traps.rateLimit = { requests, seconds: 1 }
    },
    refused: () => simulator.requests.filter((request) => request.status === 429).length,
    close: () => simulator.close(),
  }
}
