import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'

/** Members that are kept: `true` as they are, `address` only that there is one. */
interface Kept {
  readonly [name: string]: true | 'address' | Kept
}

/** What stands in a stored call in place of an address of its artifacts. */
export const addressMark = 'address'

const messages: Kept = { role: true, message: true, content: true }

const artifact: Kept = {
  transcript: true,
  recording: { stereoUrl: 'address', mono: { combinedUrl: 'address' } },
  recordingUrl: 'address',
  stereoRecordingUrl: 'address',
}

const plan: Kept = { artifactPlan: { recordingEnabled: true } }

/**
 * What flatten reads of a call, and what helps to find it again. Nothing else is stored or compared: a call repeats the
 * whole configuration of its assistant and its number, with whatever secrets that holds (tokens of servers and carriers,
 * addresses that control a living call), and members that no row has would write it anew whenever they change.
 */
const call: Kept = {
  id: true,
  orgId: true,
  type: true,
  status: true,
  createdAt: true,
  updatedAt: true,
  startedAt: true,
  endedAt: true,
  endedReason: true,
  phoneCallProvider: true,
  phoneCallProviderId: true,
  assistantId: true,
  squadId: true,
  workflowId: true,
  campaignId: true,
  phoneNumberId: true,
  phoneNumber: { twilioPhoneNumber: true, number: true, name: true },
  customerId: true,
  customer: { number: true, extension: true, sipUri: true, name: true, email: true, externalId: true },
  destination: { type: true, number: true, extension: true, sipUri: true },
  artifact,
  analysis: { summary: true },
  assistant: plan,
  assistantOverrides: plan,
  // Where older calls have them.
  transcript: true,
  summary: true,
  recordingUrl: 'address',
  stereoRecordingUrl: 'address',
}

/** Undefined: nothing. */
const keepMember = (member: unknown, what: Kept[string]): unknown => {
  if (member === undefined) return undefined
  if (what === 'address') return typeof member === 'string' && member !== '' ? addressMark : null
  if (what === true || member === null) return member
  return isJsonObject(member) ? keep(member, what) : undefined
}

/** A plain loop: every call of a listing is kept, and entries that are made and joined again take a tenth of such a read. */
const keep = (value: JsonObject, kept: Kept): JsonObject => {
  const members: Record<string, unknown> = {}
  for (const name in kept) {
    const what = kept[name]
    if (what === undefined || !Object.hasOwn(value, name)) continue
    const member = keepMember(value[name], what)
    if (member !== undefined) members[name] = member
  }
  return members
}

const saysSomething = (line: unknown): boolean => typeof line === 'string' && line.trim() !== ''

/** What was said, turn by turn; only of calls without a transcript, which says the same. An empty list is none. */
const spoken = (holder: JsonObject): JsonObject => {
  const { transcript } = holder
  const isWritten = Array.isArray(transcript) ? transcript.some(saysSomething) : saysSomething(transcript)
  if (!Array.isArray(holder.messages) || isWritten) return {}
  const said = objectsOf(holder.messages).filter(
    ({ role }) => role === 'user' || role === 'bot' || role === 'assistant',
  )
  return { messages: said.map((message) => keep(message, messages)) }
}

/** A call as it is stored and compared. Keeping it twice changes nothing. */
export const keptCall = (found: JsonObject): JsonObject => {
  const kept = { ...keep(found, call), ...spoken(found) }
  return isJsonObject(found.artifact)
    ? { ...kept, artifact: { ...keep(found.artifact, artifact), ...spoken(found.artifact) } }
    : kept
}
