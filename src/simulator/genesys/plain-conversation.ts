import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { drawFor, seededUuid } from '../draw.ts'
import { restForm, writeInstant } from '../written-instant.ts'
import type { NewConversation } from './account.ts'

/** What an id names: the same ordinal has a different id of each kind. */
const kinds = { conversation: 1, recording: 2, session: 3, agentSession: 4, customer: 5, agent: 6, consult: 7 } as const

export const seededId = (seed: number, kind: keyof typeof kinds, ordinal: number): string =>
  seededUuid(seed, kinds[kind], ordinal)

export const divisions = ['00000000-0000-4000-8000-000000001101', '00000000-0000-4000-8000-000000001102']
const queues = ['00000000-0000-4000-8000-000000001001', '00000000-0000-4000-8000-000000001002']
export const ownNumbers = ['+15125550100', '+15125550101', '+15125550102']

const agents = [
  { id: '00000000-0000-4000-8000-000000000301', name: 'Dana Agent', email: 'dana.agent@example.test' },
  { id: '00000000-0000-4000-8000-000000000302', name: 'Lee Deskin', email: 'lee.deskin@example.test' },
]

const written = (at: EpochMicros): string => writeInstant(at - (at % 1000), restForm)

const second = 1_000_000
const callSeconds = 300

/** When it ends unless a test says so. */
export const plainEnd = (start: EpochMicros): EpochMicros => start + (callSeconds + 30) * second

interface Plain {
  readonly seed: number
  readonly ordinal: number
  readonly given: NewConversation
}

const facts = ({ seed, ordinal, given }: Plain) => {
  const draw = drawFor(seed, ordinal)
  const direction = given.direction ?? (draw.below(3) === 0 ? 'outbound' : 'inbound')
  const customer = `+1512555${String(1000 + draw.below(8000))}`
  const own = draw.pick(ownNumbers, '')
  return {
    direction,
    ani: given.ani ?? (direction === 'inbound' ? customer : own),
    dnis: given.dnis ?? (direction === 'inbound' ? own : customer),
    queue: given.queue ?? draw.pick(queues, ''),
    division: given.division ?? draw.pick(divisions, ''),
    agent: draw.pick(agents, { id: '', name: '', email: '' }),
    end: given.end ?? plainEnd(given.start),
  }
}

const customerPart = (plain: Plain): JsonObject => {
  const { seed, ordinal, given } = plain
  const { direction, ani, dnis, queue, end } = facts(plain)
  const segment = {
    segmentStart: written(given.start),
    segmentEnd: written(end),
    segmentType: 'interact',
    conference: false,
  }
  return {
    participantId: seededId(seed, 'customer', ordinal),
    participantName: 'Austin TX',
    purpose: 'customer',
    ...(given.contact === undefined ? {} : { externalContactId: given.contact }),
    sessions: [
      {
        sessionId: seededId(seed, 'session', ordinal),
        mediaType: given.mediaType ?? 'voice',
        provider: 'Edge',
        direction,
        ani: `tel:${ani}`,
        dnis: `tel:${dnis}`,
        sessionDnis: `tel:${dnis}`,
        recording: true,
        remoteNameDisplayable: 'Austin TX',
        segments: [{ ...segment, queueId: queue, disconnectType: 'endpoint' }],
      },
    ],
  }
}

const agentPart = (plain: Plain): JsonObject => {
  const { seed, ordinal, given } = plain
  const { direction, ani, dnis, queue, agent, end } = facts(plain)
  return {
    participantId: seededId(seed, 'agent', ordinal),
    userId: agent.id,
    purpose: 'agent',
    sessions: [
      {
        sessionId: seededId(seed, 'agentSession', ordinal),
        peerId: seededId(seed, 'session', ordinal),
        mediaType: given.mediaType ?? 'voice',
        direction,
        ani: `tel:${ani}`,
        dnis: `tel:${dnis}`,
        sessionDnis: 'sip:user@device.example.test',
        recording: true,
        segments: [
          {
            segmentStart: written(given.start + 8 * second),
            segmentEnd: written(end),
            segmentType: 'interact',
            queueId: queue,
          },
        ],
      },
    ],
  }
}

export const plainDetail = (plain: Plain, id: string): JsonObject => {
  const { direction, division, end } = facts(plain)
  return {
    conversationId: id,
    conversationStart: written(plain.given.start),
    conversationEnd: written(end),
    originatingDirection: direction,
    divisionIds: [division],
    participants: [customerPart(plain), agentPart(plain)],
    ...plain.given.detail,
  }
}

/** The n-th recording made so far. */
export const plainRecording = (plain: Plain, conversation: string, id: string): JsonObject => {
  const { start } = plain.given
  const [began, ended] = [start + 8 * second, start + (8 + callSeconds) * second]
  return {
    id,
    conversationId: conversation,
    path: null,
    startTime: written(began),
    endTime: written(ended),
    media: 'audio',
    mediaSubtype: 'Trunk',
    fileState: 'AVAILABLE',
    deleteDate: written(ended + 365 * 86_400 * second),
    outputDurationMs: callSeconds * 1000,
    outputSizeInBytes: callSeconds * 8000,
    sessionId: seededId(plain.seed, 'session', plain.ordinal),
    users: [facts(plain).agent],
    recordingFileRole: 'CUSTOMER_EXPERIENCE',
    originalRecordingStartTime: written(began),
    creationTime: written(began),
    selfUri: `/api/v2/conversations/${conversation}/recordings/${id}`,
  }
}
