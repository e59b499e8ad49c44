import type { EpochMicros } from '../../src/domain/instant.ts'
import { startTelnyxSimulator, type TelnyxSimulator } from '../../src/simulator/telnyx/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import {
  apiKey,
  createDisturbance,
  day,
  type Expected,
  hour,
  type LimitedVendor,
  pending,
  rejected,
  rowOf,
  writtenMillis,
} from './vendor.ts'

const faults = [
  'rate-limited',
  'retry-after-ms',
  'server-error',
  'unavailable',
  'html',
  'truncated',
  'slow',
  'stalled',
  'reset',
] as const

const traps = {
  shuffledPages: true,
  deletions: 2,
  lateVisibility: true,
  missingPageNumber: true,
  processingOneIn: 9,
  errorCodes: 'number',
  transcriptionMeta: 'token',
  connectionIdAsNumber: true,
  dateSkewSeconds: -45,
  resetSeconds: 1,
  retryAfterMs: 100,
  slowMs: 300,
} as const

const expectedOf = ({ account }: TelnyxSimulator): readonly Expected[] =>
  account.ids().map((id) => {
    const recording = account.get(id)
    const { recording_started_at, created_at, call_session_id, conference_id, call_leg_id, status } = recording ?? {}
    const began = recording_started_at ?? created_at
    if (!/(?:Z|[+-]\d\d:\d\d)$/.test(began ?? '')) return rejected(id, 'missing-zone')
    if (status !== 'completed') return pending(id, `status-${status}`)
    return rowOf(id, {
      message_id: id,
      conversation_id: call_session_id ?? conference_id ?? call_leg_id ?? id,
      created_at: writtenMillis(began),
      recording_status: 'available',
      recording_url: `https://api.telnyx.com/v2/recordings/${id}`,
      deleted: false,
    })
  })

export const openTelnyx = async (began: EpochMicros, count: number): Promise<LimitedVendor> => {
  const simulator = await startTelnyxSimulator({ apiKey, traps })
  const { account } = simulator
  const ids = account.generate({ from: began - day, to: began - hour, count })
  const created_at = formatInstant(began - 2 * day)
  const literal = account.add({
    created_at,
    call_session_id: 'session-of-the-literal-one',
    from: '+15125550142',
    to: account.ownNumbers[0],
    duration_millis: 61_400,
    recording_started_at: '2026-07-14T10:00:00.000000Z',
  })
  account.transcribe(literal, { transcription_text: 'Is unit 4B still open?' })
  account.add({ created_at, status: 'processing', download_urls: undefined })
  for (const id of ids.slice(40, 50)) account.transcribe(id, { transcription_text: 'Hello.' })
  const disturbance = createDisturbance<(typeof faults)[number]>(faults, 'unavailable')
  simulator.onRequest = () => {
    const fault = disturbance.fault()
    simulator.traps.faults = fault === null ? [] : [fault]
  }
  return {
    connection: 'telnyx',
    config: [`source: telnyx`, `api_key: \${API_KEY}`, `base_url: ${simulator.baseUrl}`, 'requests_per_second: 1000'],
    expected: () => expectedOf(simulator),
    literal: {
      message_id: literal,
      conversation_id: 'session-of-the-literal-one',
      created_at: '2026-07-14 10:00:00+00',
      message_text: 'Is unit 4B still open?',
      first_name: null,
      last_name: null,
      sender_ext_ref: null,
      phone_number: '+15125550142',
      email_address: null,
      message_direction: 'inbound',
      number_dialed_by_user: '+15125559001',
      call_duration_in_sec: 61,
      recording_url: `https://api.telnyx.com/v2/recordings/${literal}`,
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
