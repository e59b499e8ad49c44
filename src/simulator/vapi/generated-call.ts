import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { type Draw, drawFor, seededUuid } from '../draw.ts'
import { restForm, writeInstant } from '../written-instant.ts'
import type { VapiCall } from './resources.ts'

const kinds = { call: 21, number: 22, assistant: 23, organisation: 24 } as const

export const seededId = (seed: number, kind: keyof typeof kinds, ordinal: number): string =>
  seededUuid(seed, kinds[kind], ordinal)

/** How many numbers the account has; the one behind them was released. */
export const numberCount = 4

const written = (at: EpochMicros): string => writeInstant(at, restForm)

/** What stands in a stored call for storage addresses; answers add presigned ones to it. */
export const recorded = {
  recording: {
    stereoUrl: 'https://storage.example.test/stereo.wav',
    mono: { combinedUrl: 'https://storage.example.test/mono.wav' },
  },
}

const turns = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? 'bot' : 'user',
    message: index % 2 === 0 ? 'How can I help?' : `Question ${index}.`,
    time: 1_784_041_331_000 + index * 1000,
  }))

/** What calls carry with them, and no row has: the configuration of the assistant, with what must not be stored. */
const assistant = {
  name: 'Leasing line',
  model: { provider: 'openai', messages: [{ role: 'system', content: 'You answer for a community.' }] },
  server: { url: 'https://hooks.example.test/vapi', secret: 'simulated-server-secret' },
  artifactPlan: { recordingEnabled: true },
}

type Form = (draw: Draw, call: VapiCall, startedAt: EpochMicros) => VapiCall

/** Odd forms of real accounts, met in this order (traps 8, 9, 10, 11, 14); between two of them lies a plain call. */
const forms: readonly Form[] = [
  () => ({ artifact: { ...recorded, transcript: ['AI: Hello.', 'User: Is it open?'] } }),
  () => ({ artifact: { ...recorded, messages: [{ role: 'system', message: 'You answer.' }, ...turns(4)] } }),
  () => ({
    artifact: undefined,
    transcript: 'AI: Hello.\nUser: An old call.',
    recordingUrl: 'https://storage.example.test/old.wav',
    summary: 'Asked about a unit.',
  }),
  () => ({ customer: undefined }),
  () => ({ customer: { number: '5125550142', numberE164CheckEnabled: false, name: 'Jo' } }),
  () => ({ customer: { sipUri: 'sip:visitor@sip.example.test' } }),
  (draw) => ({ phoneNumberId: seededId(draw.below(1), 'number', numberCount) }),
  () => ({ type: 'webCall', phoneNumberId: undefined, customer: undefined }),
  () => ({ type: 'vapi.websocketCall', phoneNumberId: undefined, customer: undefined }),
  () => ({ endedReason: 'call.in-progress.error-of-tomorrow' }),
  (_draw, _call, startedAt) => ({ endedAt: written(startedAt - microsPerSecond) }),
  () => ({ endedAt: undefined }),
  (_draw, _call, startedAt) => ({ endedAt: written(startedAt + 400_000) }),
  () => ({
    phoneNumber: { twilioPhoneNumber: '+15125559077', twilioAccountSid: 'ACsimulated' },
    phoneNumberId: undefined,
  }),
]

export const generatedTraps: ReadonlySet<number> = new Set([8, 9, 10, 11, 14])

const formOf = (ordinal: number): Form | undefined =>
  ordinal % 2 === 1 ? forms[((ordinal - 1) / 2) % forms.length] : undefined

/** An ended call with its recording. `at`: its creation, a whole millisecond. */
export const generatedCall = (seed: number, ordinal: number, at: EpochMicros, plain: boolean): VapiCall => {
  const draw = drawFor(seed, ordinal)
  const startedAt = at + 2 * microsPerSecond
  const endedAt = startedAt + (4_000 + draw.below(240_000)) * 1000
  const isInbound = draw.below(3) > 0
  const call: VapiCall = {
    id: seededId(seed, 'call', ordinal),
    orgId: seededId(seed, 'organisation', 0),
    type: isInbound ? 'inboundPhoneCall' : 'outboundPhoneCall',
    status: 'ended',
    createdAt: written(at),
    updatedAt: written(endedAt + 45 * microsPerSecond),
    startedAt: written(startedAt),
    endedAt: written(endedAt),
    endedReason: 'customer-ended-call',
    assistantId: seededId(seed, 'assistant', draw.below(3)),
    assistant,
    phoneNumberId: seededId(seed, 'number', draw.below(numberCount - 1)),
    phoneCallProvider: 'twilio',
    customer: {
      number: `+1512555${String(draw.below(9000)).padStart(4, '0')}`,
      name: draw.pick(['Jo Doe', 'Ann', 'Mary Ann Lee'], 'Jo'),
      externalId: `t${String(ordinal).padStart(7, '0')}`,
    },
    cost: draw.below(100) / 100,
    artifact: { ...recorded, transcript: 'AI: Maple Court, how can I help?\nUser: Is unit 4B still open?' },
    analysis: { summary: 'Asked about unit 4B.', successEvaluation: 'true' },
  }
  const form = plain ? undefined : formOf(ordinal)
  return form === undefined ? call : { ...call, ...form(draw, call, startedAt) }
}
