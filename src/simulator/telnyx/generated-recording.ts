import type { EpochMicros } from '../../domain/instant.ts'
import { type Draw, drawFor } from '../draw.ts'
import { restForm, writeInstant } from '../written-instant.ts'
import { formOf } from './recording-forms.ts'
import { signed, type TelnyxRecording } from './resources.ts'
import { seededId } from './seeded-id.ts'

/** All that is kept of a generated recording: the rest follows from it whenever it is asked for. */
export interface GeneratedKey {
  readonly ordinal: number
  /** `created_at`. */
  readonly at: EpochMicros
  /** Without the odd forms that real accounts hold. */
  readonly plain: boolean
}

export const ownNumbers: readonly string[] = Array.from({ length: 8 }, (_, index) => `+1512555${9001 + index}`)

/** Beyond 2^53: as a JSON number it would be another connection. */
const connections = ['1752000000000000621', '1752000000000000622', '1752000000000000623']

const initiators = ['StartCallRecordingAPI', 'DialVerb', 'RecordVerb', 'OutboundAPI', 'Trunking']

const customerNumber = (draw: Draw): string => `+1512555${String(draw.below(9000)).padStart(4, '0')}`

const partiesOf = (draw: Draw): { readonly from: string; readonly to: string } => {
  const own = draw.pick(ownNumbers, '')
  const customer = customerNumber(draw)
  return draw.below(3) === 0 ? { from: own, to: customer } : { from: customer, to: own }
}

const idsOf = (seed: number, ordinal: number): Pick<TelnyxRecording, 'id' | 'call_leg_id' | 'call_session_id'> => ({
  id: seededId(seed, 'recording', ordinal),
  call_leg_id: seededId(seed, 'leg', ordinal),
  call_session_id: seededId(seed, 'session', ordinal),
})

/** The recording ended 2 s to 3 min before its resource was created (trap 5). */
const timesOf = (draw: Draw, at: EpochMicros): Pick<TelnyxRecording, 'duration_millis'> & RecordingTimes => {
  const durationMillis = 4_000 + draw.below(600_000)
  const endedAt = at - (2_000 + draw.below(178_000)) * 1000
  return { duration_millis: durationMillis, startedAt: endedAt - durationMillis * 1000, endedAt }
}

export interface RecordingTimes {
  readonly startedAt: EpochMicros
  readonly endedAt: EpochMicros
}

export const generatedRecording = (seed: number, { ordinal, at, plain }: GeneratedKey): TelnyxRecording => {
  const draw = drawFor(seed, ordinal)
  const { startedAt, endedAt, duration_millis } = timesOf(draw, at)
  const created = writeInstant(at, restForm)
  const recording: TelnyxRecording = {
    record_type: 'recording',
    ...idsOf(seed, ordinal),
    call_control_id: `v3:simulated-${draw.text(8)}`,
    conference_id: null,
    connection_id: draw.pick(connections, ''),
    channels: draw.pick(['single', 'dual'], ''),
    source: 'call',
    initiated_by: draw.pick(initiators, ''),
    status: 'completed',
    ...partiesOf(draw),
    duration_millis,
    recording_started_at: writeInstant(startedAt, restForm),
    recording_ended_at: writeInstant(endedAt, restForm),
    created_at: created,
    updated_at: created,
    download_urls: { mp3: signed },
  }
  return plain ? recording : { ...recording, ...formOf({ seed, ordinal, at, startedAt, endedAt, recording }) }
}
