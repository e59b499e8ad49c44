import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileTextMember } from '../../transform/member.ts'
import { unlessClosed } from '../endpoint-closed.ts'
import type { ReadContext } from '../source.ts'
import type { VoipbinApi } from './api.ts'
import { resourceOf } from './calls.ts'
import { referenceId, referenceType } from './fields.ts'
import type { Joining } from './joining.ts'
import { isTelephone } from './parties.ts'
import { walkDown } from './walk-down.ts'

const closed =
  'VoIPBIN does not let this key read conferences, so who took part in them stays unknown; give the key that right, or set calls: false'

/** The list of conferences is good for so long: a backfill runs for days, and conferences are made meanwhile. */
const goodFor = 600_000_000

/** Of more participants none is asked for: there is no single sender. */
const mostParticipants = 20

const recordingIds = compileMember('recording_ids')
const recordingId = compileTextMember('recording_id')
const participantIds = compileMember('conferencecall_ids')

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : []

type ByRecording = ReadonlyMap<string, JsonObject>

const listConferences = async (api: VoipbinApi, context: ReadContext): Promise<ByRecording> => {
  const found = new Map<string, JsonObject>()
  const what = `connection ${api.connectionId}: conferences`
  const window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  for await (const { items } of walkDown(
    api,
    { what, path: '/conferences', query: [], window, mayBeClosed: true },
    context,
  )) {
    for (const item of items) {
      if (!isJsonObject(item)) continue
      const current = recordingId(item, [])
      for (const id of [...textsOf(recordingIds(item)), ...(current == null ? [] : [current])]) found.set(id, item)
    }
  }
  return found
}

/**
 * The conference of a recorded confbridge. The contract calls what the recording refers to a conference; servers store the id
 * of its bridge, which no conference shows: then it is the one that names the recording.
 */
export const compileConferenceOf = (api: VoipbinApi, now: () => EpochMicros): Joining['conferenceOf'] => {
  let kept: { readonly conferences: Promise<ByRecording>; readonly until: EpochMicros } | null = null
  const listed = (context: ReadContext): Promise<ByRecording> => {
    if (kept !== null && now() < kept.until) return kept.conferences
    const conferences = listConferences(api, context)
    kept = { conferences, until: now() + goodFor }
    // What failed is asked for again by whoever needs it next.
    conferences.catch(() => {
      kept = null
    })
    return conferences
  }
  return async (id, recording, context) => {
    const found = await resourceOf(api, 'conferences', id, closed, context)
    if (found !== null) return found
    return unlessClosed(api, closed, context, async () => (await listed(context)).get(recording) ?? null)
  }
}

/** Null when it is not there, undefined when this key may not see it; empty for who does not take part by a call. */
const callsOfParticipant = async (
  { api, callOf }: Pick<Joining, 'api' | 'callOf'>,
  id: string,
  context: ReadContext,
): Promise<readonly JsonObject[] | null | undefined> => {
  const participant = await resourceOf(api, 'conferencecalls', id, closed, context)
  if (participant == null) return participant
  const callId = referenceType(participant) === 'call' ? referenceId(participant) : null
  if (callId === null) return []
  const call = await callOf(callId, context)
  return call == null ? call : [call]
}

/**
 * The calls of the participants, until two of them are on the telephone: then there is no single sender. None of too many. As
 * long as one is missing another one is not known to be the only one: null; undefined when this key may not see one.
 */
export const participantsOf = async (
  joining: Pick<Joining, 'api' | 'callOf'>,
  conference: JsonObject,
  context: ReadContext,
): Promise<readonly JsonObject[] | null | undefined> => {
  const ids = textsOf(participantIds(conference))
  if (ids.length > mostParticipants) return []
  const calls: JsonObject[] = []
  const unknown: (null | undefined)[] = []
  for (const id of ids) {
    const found = await callsOfParticipant(joining, id, context)
    if (found == null) unknown.push(found)
    else calls.push(...found)
    if (calls.filter(isTelephone).length > 1) return calls
  }
  if (unknown.length === 0) return calls
  return unknown.includes(null) ? null : undefined
}
