import type { EpochMicros } from '../../src/domain/instant.ts'
import { startDotdoSimulator } from '../../src/simulator/dotdo/simulator.ts'
import {
  apiKey,
  createDisturbance,
  day,
  type Expected,
  hour,
  pending,
  rejected,
  rowOf,
  toMillis,
  type Vendor,
} from './vendor.ts'

const faults = ['unavailable', 'stalled'] as const

const secondsOf = (at: EpochMicros): number => Math.ceil(at / 1_000_000)

export const openDotdo = async (began: EpochMicros, count: number): Promise<Vendor> => {
  const simulator = await startDotdoSimulator({ apiKey })
  simulator.traps.emptySecondPage = true
  const expected: Expected[] = []
  const rowFor = (id: string, startTime: number, audio: Partial<Expected['rows'][number]> = {}): Expected =>
    rowOf(id, {
      message_id: id,
      conversation_id: `call-${id}`,
      created_at: toMillis(startTime * 1_000_000),
      recording_status: 'available',
      recording_url: `https://recordings.example.test/${id}.mp3`,
      deleted: false,
      ...audio,
    })
  for (let n = 0; n < count; n += 1) {
    const created = secondsOf(began - 2 * day + (46 * hour * n) / count)
    expected.push(rowFor(simulator.add({ created }), created - 70))
  }
  const created = secondsOf(began - 90 * 60_000_000)
  expected.push(pending(simulator.add({ created, status: 'processing' }), 'status-processing'))
  expected.push(pending(simulator.add({ created, status: 'of-tomorrow' }), 'status-of-tomorrow'))
  expected.push(rejected(simulator.add({ created, startTime: 'noon' }), 'invalid-instant'))
  const failed = simulator.add({ created, status: 'failed' })
  expected.push(rowFor(failed, created - 70, { recording_status: 'failed', recording_url: null }))
  const deleted = simulator.add({ created, status: 'deleted' })
  expected.push(rowFor(deleted, created - 70, { recording_status: 'deleted', recording_url: null, deleted: true }))
  const literal = 'rec-literal'
  simulator.add({
    id: literal,
    created: secondsOf(began - 50 * hour),
    // 2026-07-14T10:00:00Z, in milliseconds.
    startTime: 1_784_023_200_000,
    duration: 72.6,
    call: { id: 'call-literal', direction: 'outbound', customer: { number: '+15125550142' } },
    phoneNumber: { id: 'number-1', phoneNumber: '+15125559001' },
    transcript: { id: 'transcript-1', text: 'Is unit 4B still open?' },
  })
  expected.push(rowFor(literal, 1_784_023_200, { conversation_id: 'call-literal' }))
  const disturbance = createDisturbance<(typeof faults)[number]>(faults, 'unavailable')
  simulator.onRequest = () => {
    simulator.traps.everyRequest = disturbance.fault()
  }
  return {
    connection: 'dotdo',
    config: [
      'source: dotdo',
      `api_key: \${API_KEY}`,
      `base_url: ${simulator.baseUrl}`,
      `path: ${simulator.path}`,
      'page_size: 20',
      'requests_per_second: 1000',
    ],
    expected: () => expected,
    literal: {
      message_id: literal,
      conversation_id: 'call-literal',
      created_at: '2026-07-14 10:00:00+00',
      message_text: 'Is unit 4B still open?',
      first_name: null,
      last_name: null,
      sender_ext_ref: null,
      phone_number: '+15125559001',
      email_address: null,
      message_direction: 'outbound',
      number_dialed_by_user: '+15125550142',
      call_duration_in_sec: 73,
      recording_url: 'https://recordings.example.test/rec-literal.mp3',
    },
    remove: () => {
      const id = expected.shift()?.record_id ?? ''
      simulator.remove(id)
      return id
    },
    ...disturbance,
    close: () => simulator.close(),
  }
}
