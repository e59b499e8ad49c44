import type { EpochMicros } from '../../domain/instant.ts'
import { type InstantForm, precisionOf, restForm, writeInstant } from '../written-instant.ts'
import { signed, type TelnyxRecording } from './resources.ts'
import { seededId } from './seeded-id.ts'

/** A generated recording before it is made odd. */
export interface FormContext {
  readonly seed: number
  readonly ordinal: number
  readonly at: EpochMicros
  readonly startedAt: EpochMicros
  readonly endedAt: EpochMicros
  readonly recording: TelnyxRecording
}

type Patch = Partial<TelnyxRecording>

const ownStorage = ({ recording: { id } }: FormContext): Patch => ({
  download_urls: { mp3: `gs://own-bucket-example/${id}.mp3` },
})

interface Form {
  /** In section 10 of telnyx.md. */
  readonly trap: number
  /** How its instants are written; default as in REST examples. */
  readonly instantForm?: InstantForm
  readonly patch: (context: FormContext) => Patch
}

const writtenAs = (instantForm: InstantForm): Form => ({
  trap: 18,
  instantForm,
  patch: ({ at, startedAt, endedAt }) => {
    const precision = precisionOf(instantForm)
    return {
      recording_started_at: writeInstant(startedAt - (startedAt % precision), instantForm),
      recording_ended_at: writeInstant(endedAt - (endedAt % precision), instantForm),
      created_at: writeInstant(at, instantForm),
      updated_at: writeInstant(at, instantForm),
    }
  },
})

const inOtherDigits =
  (write: (digits: string) => string) =>
  ({ recording: { from } }: FormContext): Patch => ({ from: write((from ?? '').slice(1)) })

const hyphenated = (digits: string): string =>
  `+${digits.slice(0, 1)}-${digits.slice(1, 4)}-${digits.slice(4, 7)}-${digits.slice(7)}`

const leg = ({ seed, ordinal }: FormContext, back: number): string => seededId(seed, 'leg', ordinal - back)
const session = ({ seed, ordinal }: FormContext, back: number): string => seededId(seed, 'session', ordinal - back)

const conference = ({ seed, ordinal }: FormContext): Patch => ({
  call_leg_id: undefined,
  call_control_id: null,
  conference_id: seededId(seed, 'conference', ordinal),
  source: 'conference',
  initiated_by: 'StartConferenceRecordingAPI',
})

/** By the ordinal's rest modulo 64: the first 64 recordings of an account hold each of them, three quarters of all none. */
const forms: ReadonlyMap<number, Form> = new Map<number, Form>([
  [
    1,
    { trap: 6, patch: () => ({ from: undefined, to: undefined, initiated_by: undefined, connection_id: undefined }) },
  ],
  [3, { trap: 6, patch: () => ({ call_control_id: null, conference_id: null }) }],
  [5, { trap: 7, patch: () => ({ from: 'sip:agent7@sip.example.test' }) }],
  [7, { trap: 7, patch: inOtherDigits(hyphenated) }],
  [9, { trap: 7, patch: inOtherDigits((digits) => digits) }],
  [11, { trap: 13, patch: (context) => ({ call_leg_id: leg(context, 1), call_session_id: session(context, 1) }) }],
  [12, { trap: 13, patch: (context) => ({ call_session_id: session(context, 2) }) }],
  [14, { trap: 13, patch: conference }],
  [16, { trap: 9, patch: () => ({ download_urls: undefined }) }],
  [18, { trap: 9, patch: () => ({ duration_millis: 0 }) }],
  [20, { trap: 9, patch: () => ({ duration_millis: undefined }) }],
  [22, writtenAs({ digits: 0, zone: 'Z' })],
  [24, writtenAs({ digits: 6, zone: 'Z' })],
  [26, writtenAs({ digits: 9, zone: 'Z' })],
  [28, writtenAs({ digits: 3, zone: '-06:00' })],
  [32, { trap: 12, patch: () => ({ download_urls: { mp3: null, wav: signed } }) }],
  [34, { trap: 12, patch: ownStorage }],
])

/** One in a thousand names no zone where the recording started (trap 18): a record that must be rejected. */
const zoneless = (ordinal: number): boolean => ordinal % 1000 === 30

/** Trap numbers of the odd forms, as trap-table.ts has them. */
export const generatedTraps: ReadonlySet<number> = new Set(Array.from(forms.values(), ({ trap }) => trap))

/** What is odd of the recording at this ordinal. */
export const formOf = (context: FormContext): Patch =>
  zoneless(context.ordinal)
    ? { recording_started_at: writeInstant(context.startedAt, { ...restForm, zone: '' }) }
    : (forms.get(context.ordinal % 64)?.patch(context) ?? {})

/** Microseconds that the recording at this ordinal can show of its `created_at`. */
export const createdPrecision = (ordinal: number, plain: boolean): number =>
  precisionOf((plain ? undefined : forms.get(ordinal % 64)?.instantForm) ?? restForm)
