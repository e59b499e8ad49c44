import type { EpochMicros } from '../../domain/instant.ts'
import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import {
  compileIdMember,
  compileMember,
  compileReadMember,
  compileTextMember,
  objectsOf,
} from '../../transform/member.ts'

const readInstant = compileInstantReader({})

export const conversationId = compileIdMember('conversationId')
export const conversationStart = compileReadMember('conversationStart', readInstant, null)
/** Absent while it is open. */
export const conversationEnd = compileReadMember('conversationEnd', readInstant, null)
export const originatingDirection = compileTextMember('originatingDirection')
const divisionIds = compileMember('divisionIds')

const participants = compileMember('participants')
const sessions = compileMember('sessions')
const segments = compileMember('segments')
const purpose = compileTextMember('purpose')
export const externalContactId = compileTextMember('externalContactId')
export const attributesOf = compileMember('attributes')

export const sessionId = compileTextMember('sessionId')
const mediaType = compileTextMember('mediaType')
const segmentStart = compileReadMember('segmentStart', readInstant, null)
const segmentType = compileTextMember('segmentType')
const queueId = compileTextMember('queueId')

/** Of its divisions, which are a set, the first by name. */
export const divisionsOf = (conversation: JsonObject): readonly string[] => {
  const listed = divisionIds(conversation)
  return Array.isArray(listed) ? listed.filter((item: unknown) => typeof item === 'string').sort() : []
}

export const participantsOf = (conversation: JsonObject): readonly JsonObject[] => objectsOf(participants(conversation))

export const purposeOf = (participant: JsonObject): string => (purpose(participant, []) ?? '').toLowerCase()

const isCustomer = (participant: JsonObject): boolean => ['customer', 'external'].includes(purposeOf(participant))

const segmentsOf = (session: JsonObject): readonly JsonObject[] => objectsOf(segments(session))

/** A session of the customer, or of somebody of ours. */
export interface Session {
  readonly participant: JsonObject
  readonly session: JsonObject
}

const sessionsOf = (conversation: JsonObject): readonly Session[] =>
  participantsOf(conversation).flatMap((participant) =>
    objectsOf(sessions(participant)).map((session) => ({ participant, session })),
  )

const beganAt = ({ session }: Session): EpochMicros =>
  segmentsOf(session).reduce(
    (earliest, segment) => Math.min(earliest, segmentStart(segment, []) ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  )

/** Those that say no start come last; where starts are the same, the vendor's order stays. */
const byStart = (a: Session, b: Session): number => {
  const [from, to] = [beganAt(a), beganAt(b)]
  if (from === to) return 0
  return from < to ? -1 : 1
}

/** The media types of sessions that a recording of this medium may be of. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  audio: ['voice', 'callback'],
  chat: ['chat'],
  email: ['email'],
  message: ['message'],
}

/**
 * The session of the customer that a recording is of, else the earliest of that medium: consults, transfers and conferences
 * add later customers, who call outbound from a SIP address. Undefined when there is none.
 */
export const primarySession = (
  conversation: JsonObject,
  media: string,
  recordedSession: string | null,
): Session | undefined => {
  const wanted = typesOf[media] ?? []
  const ofCustomer = sessionsOf(conversation).filter(
    ({ participant, session }) =>
      isCustomer(participant) && wanted.includes((mediaType(session, []) ?? '').toLowerCase()),
  )
  const recorded = ofCustomer.find(
    ({ session }) => recordedSession !== null && sessionId(session, []) === recordedSession,
  )
  return recorded ?? ofCustomer.toSorted(byStart)[0]
}

const queueIn = (segment: JsonObject): string | null => queueId(segment, []) ?? null

/** Of the first agent's talk, else of the queue, else of the customer. */
export const queueOf = (conversation: JsonObject): string | null => {
  const all = sessionsOf(conversation).toSorted(byStart)
  const queuesOf = (isWanted: (participant: JsonObject) => boolean, type: string | null) =>
    all
      .filter(({ participant }) => isWanted(participant))
      .flatMap(({ session }) => segmentsOf(session))
      .filter((segment) => type === null || segmentType(segment, []) === type)
      .flatMap((segment) => queueIn(segment) ?? [])
  const [queue] = [
    ...queuesOf((participant) => ['agent', 'user'].includes(purposeOf(participant)), 'interact'),
    ...queuesOf((participant) => purposeOf(participant) === 'acd', null),
    ...queuesOf(isCustomer, null),
  ]
  return queue ?? null
}

/** Of all customers, each once. */
export const contactIdsOf = (conversation: JsonObject): readonly string[] => [
  ...new Set(
    participantsOf(conversation)
      .filter(isCustomer)
      .flatMap((participant) => externalContactId(participant, []) ?? []),
  ),
]

/**
 * Digest of what makes a conversation worth reading again: it ended at another time, went to another queue or division, or a
 * contact was assigned. `isSettled`: whether it is read long enough after its end; before that it is looked at once more.
 */
export const fingerprintOf = (conversation: JsonObject, isSettled: boolean): string =>
  sha256Hex(
    canonicalJson([
      conversationEnd(conversation, []) ?? null,
      originatingDirection(conversation, []) ?? null,
      divisionsOf(conversation),
      contactIdsOf(conversation).toSorted(),
      queueOf(conversation),
      isSettled,
    ]),
  )
