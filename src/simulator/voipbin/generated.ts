import type { EpochMicros } from '../../domain/instant.ts'
import { drawFor, seededUuid } from '../draw.ts'
import { nilId, type VoipbinAddress, type VoipbinCall, type VoipbinRecording } from './resources.ts'

const kinds = {
  recording: 1,
  call: 2,
  flow: 3,
  bridge: 4,
  conference: 5,
  participant: 6,
  transcribe: 7,
  line: 8,
  contact: 9,
  customer: 10,
} as const

export const seededId = (seed: number, kind: keyof typeof kinds, ordinal: number): string =>
  seededUuid(seed, kinds[kind], ordinal)

const microsPerMilli = 1000

export const address = (type: string, target: string, target_name = ''): VoipbinAddress => ({
  type,
  target,
  target_name,
  name: '',
  detail: '',
})

const ownNumber = (ordinal: number): string => `+1512555${9001 + (ordinal % 8)}`

/** A call of a telephone customer: two of three come in. */
export const generatedCall = (seed: number, ordinal: number, at: EpochMicros, recordingId: string): VoipbinCall => {
  const draw = drawFor(seed, ordinal)
  const customer = address('tel', `+1512555${String(draw.below(9000)).padStart(4, '0')}`)
  const own = address('tel', ownNumber(ordinal))
  const isOutgoing = draw.below(3) === 0
  return {
    id: seededId(seed, 'call', ordinal),
    customer_id: seededId(seed, 'customer', 0),
    flow_id: nilId,
    activeflow_id: seededId(seed, 'flow', ordinal),
    type: 'flow',
    master_call_id: nilId,
    chained_call_ids: [],
    recording_ids: [recordingId],
    source: isOutgoing ? own : customer,
    destination: isOutgoing ? customer : own,
    status: 'hangup',
    direction: isOutgoing ? 'outgoing' : 'incoming',
    hangup_by: 'remote',
    hangup_reason: 'normal',
    tm_create: at - 5_000 * microsPerMilli,
    tm_hangup: at + 700_000 * microsPerMilli,
  }
}

/** Created at `at`, begun a moment later, ended within ten minutes. */
export const generatedRecording = (seed: number, ordinal: number, at: EpochMicros): VoipbinRecording => {
  const draw = drawFor(seed, ordinal, 1)
  const start = at + 150_000
  const end = start + (5_000 + draw.below(600_000)) * microsPerMilli
  return {
    id: seededId(seed, 'recording', ordinal),
    customer_id: seededId(seed, 'customer', 0),
    owner_type: '',
    owner_id: nilId,
    activeflow_id: seededId(seed, 'flow', ordinal),
    reference_type: 'call',
    reference_id: seededId(seed, 'call', ordinal),
    status: 'ended',
    format: 'wav',
    on_end_flow_id: nilId,
    tm_start: start,
    tm_end: end,
    tm_create: at,
    tm_update: end + 50_000,
    tm_delete: null,
  }
}

export interface OddForm {
  /** In section 8 of voipbin.md. */
  readonly trap: number
  readonly recording?: Partial<VoipbinRecording>
  readonly call?: Partial<VoipbinCall>
  /** The call of the recording before. */
  readonly sharesCall?: boolean
}

/** By the ordinal's rest modulo 32. */
export const oddForms: ReadonlyMap<number, OddForm> = new Map<number, OddForm>([
  [
    1,
    {
      trap: 8,
      recording: { reference_type: '', status: '', format: '', tm_start: null, tm_end: null, tm_update: null },
    },
  ],
  [3, { trap: 10, call: { source: address('sip', 'sip:agent7@sip.example.test') } }],
  [5, { trap: 10, call: { source: address('extension', '1001') } }],
  [7, { trap: 10, call: { source: address('agent', '55555555-5555-4555-8555-000000000007') } }],
  [9, { trap: 10, call: { source: address('email', 'jo.doe@example.test') } }],
  [11, { trap: 10, call: { source: address('tel', '+15125550123', 'DOE JO') } }],
  [13, { trap: 10, recording: { activeflow_id: nilId, reference_id: nilId } }],
  [15, { trap: 12, sharesCall: true }],
  [17, { trap: 17, recording: { owner_type: 'call', owner_id: '55555555-5555-4555-8555-0000000000cc' } }],
  [19, { trap: 17, recording: { status: 'available' } }],
  [21, { trap: 17, recording: { reference_type: 'queuecall' } }],
])
