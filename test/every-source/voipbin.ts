import type { EpochMicros } from '../../src/domain/instant.ts'
import { startVoipbinSimulator, type VoipbinSimulator } from '../../src/simulator/voipbin/simulator.ts'
import {
  apiKey,
  createDisturbance,
  day,
  type Expected,
  hour,
  minute,
  pending,
  rejected,
  rowOf,
  toMillis,
  type Vendor,
} from './vendor.ts'

const faults = ['rate-limited', 'server-error', 'unavailable', 'html', 'truncated', 'stalled', 'reset'] as const

const traps = {
  dialect: 'mixed',
  millisecondTokens: true,
  emptySecondPage: true,
  transcriptsByRecording: false,
  retryAfterSeconds: 1,
  dateSkewSeconds: 20,
} as const

const nil = '00000000-0000-0000-0000-000000000000'

const expectedOf = ({ account }: VoipbinSimulator): readonly Expected[] =>
  account.ids().map((id) => {
    const { status, tm_start, tm_create, reference_id } = account.get(id) ?? {}
    const began = tm_start ?? tm_create
    if (typeof began !== 'number') return rejected(id, 'invalid-instant')
    if (status !== 'ended' && status !== 'available') return pending(id, `status-${status || 'initiating'}`)
    return rowOf(id, {
      message_id: id,
      conversation_id: reference_id === nil || reference_id === undefined ? id : reference_id,
      created_at: toMillis(began),
      recording_status: 'available',
      recording_url: `https://api.voipbin.net/v1.0/recordingfiles/${id}`,
      deleted: false,
    })
  })

const july = Date.UTC(2026, 6, 14, 10) * 1000

export const openVoipbin = async (began: EpochMicros, count: number): Promise<Vendor> => {
  const simulator = await startVoipbinSimulator({ accessKey: apiKey, traps })
  const { account } = simulator
  const ids = account.generate({ from: began - 2 * day, to: began - 2 * hour, count })
  for (const id of ids.slice(40, 50))
    account.transcribe(id, { tm_create: began - 30 * minute, tm_update: began - 30 * minute }, [{ message: 'Hello.' }])
  // Three share a microsecond, and one of them is of a conference.
  const tied = [1, 2, 3].map(() => account.add({ tm_create: began - 30 * hour }))
  const [conference = '', leg = ''] = tied
  const call = account.callOf(leg)
  account.addConference(conference, call === undefined ? [] : [call.id])
  account.add({ tm_create: began - 3 * hour, tm_start: began - 3 * hour, tm_end: null, status: 'recording' })
  account.add({ tm_create: began - 4 * hour, tm_start: 'yesterday' })
  const literal = account.add({ tm_create: began - 2 * day - hour, tm_start: july, tm_end: july + 72_600_000 })
  const literalCall = account.callOf(literal)
  account.changeCall(literalCall?.id ?? '', {
    direction: 'outgoing',
    source: { type: 'tel', target: '+15125559001', target_name: '', name: '', detail: '' },
    destination: { type: 'tel', target: '+15125550142', target_name: '', name: '', detail: '' },
  })
  account.transcribe(literal, { tm_create: began - 25 * minute, tm_update: began - 25 * minute }, [
    { message: 'It is, until Friday.', offset_ms: 2_900 },
    { message: 'Is unit 4B still open?', offset_ms: 400 },
  ])
  const disturbance = createDisturbance<(typeof faults)[number]>(faults, 'unavailable')
  simulator.onRequest = () => {
    const fault = disturbance.fault()
    simulator.traps.faults = fault === null ? [] : [fault]
  }
  return {
    connection: 'voipbin',
    config: [
      'source: voipbin',
      `access_key: \${API_KEY}`,
      `base_url: ${simulator.baseUrl}`,
      'requests_per_second: 1000',
    ],
    expected: () => expectedOf(simulator),
    literal: {
      message_id: literal,
      conversation_id: literalCall?.id,
      created_at: '2026-07-14 10:00:00+00',
      message_text: 'Is unit 4B still open?\nIt is, until Friday.',
      first_name: null,
      last_name: null,
      sender_ext_ref: null,
      phone_number: '+15125559001',
      email_address: null,
      message_direction: 'outbound',
      number_dialed_by_user: '+15125550142',
      call_duration_in_sec: 73,
      recording_url: `https://api.voipbin.net/v1.0/recordingfiles/${literal}`,
    },
    remove: () => {
      const id = ids.slice(60).find((each) => account.get(each) !== undefined) ?? ''
      account.remove(id)
      return id
    },
    ...disturbance,
    close: () => simulator.close(),
  }
}
