import type { Stated } from '../../domain/recording-row.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileTextMember, type Notes, objectsOf } from '../../transform/member.ts'
import { compileObjectMember } from './fields.ts'

const artifactOf = compileObjectMember('artifact')
const recordingOf = compileObjectMember('recording')
const monoOf = compileObjectMember('mono')
const analysisOf = compileObjectMember('analysis')

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** The call, and what is under `artifact` of newer ones: the same members are in either. */
const holdersOf = (call: JsonObject): readonly JsonObject[] =>
  [artifactOf(call), call].filter((held) => isJsonObject(held))

/** Whether there is audio to play: any of its addresses says so, none of them can be played itself. */
export const hasRecording = (call: JsonObject): boolean =>
  holdersOf(call).some((holder) => {
    const recording = recordingOf(holder) ?? {}
    const mono = monoOf(recording) ?? {}
    return [mono.combinedUrl, recording.stereoUrl, holder.recordingUrl, holder.stereoRecordingUrl].some(isText)
  })

const planOf = compileObjectMember('artifactPlan')
const overridesOf = compileObjectMember('assistantOverrides')
const assistantOf = compileObjectMember('assistant')

/** Its assistant was told not to record it. */
export const isRecordingOff = (call: JsonObject): boolean => {
  const [stated] = [overridesOf(call), assistantOf(call)]
    .map((holder) => planOf(holder ?? {})?.recordingEnabled)
    .filter((enabled) => typeof enabled === 'boolean')
  return stated === false
}

const speakers: Readonly<Record<string, string>> = { user: 'User', bot: 'AI', assistant: 'AI' }

const roleOf = compileTextMember('role')
const messageOf = compileTextMember('message')
const contentOf = compileTextMember('content')

/** As Vapi writes its transcripts: `AI: ...`, `User: ...`. Null for what nobody said (prompts, calls of tools). */
const turnText = (turn: JsonObject): string | null => {
  const speaker = speakers[roleOf(turn, []) ?? '']
  const said = messageOf(turn, []) ?? contentOf(turn, []) ?? null
  return speaker === undefined || said === null ? null : `${speaker}: ${said}`
}

const lineOf = (line: unknown): string | null => {
  if (typeof line === 'string') return line.trim() === '' ? null : line.trim()
  return isJsonObject(line) ? turnText(line) : null
}

const joined = (lines: readonly (string | null)[]): string | null => {
  const said = lines.filter((line) => line !== null)
  return said.length === 0 ? null : said.join('\n')
}

const transcriptText = compileTextMember('transcript')
const transcriptOf = compileMember('transcript')
const messagesOf = compileMember('messages')
const summaryOf = compileTextMember('summary')

const transcriptIn = (holder: JsonObject, notes: Notes): Stated<string> => {
  const transcript = transcriptOf(holder)
  return Array.isArray(transcript) ? joined(transcript.map(lineOf)) : transcriptText(holder, notes)
}

const turnsIn = (holder: JsonObject): Stated<string> => {
  const messages = messagesOf(holder)
  return Array.isArray(messages) ? joined(objectsOf(messages).map(turnText)) : undefined
}

/** The first text among them; otherwise null if one of them says that there is none. */
const firstStated = (texts: readonly Stated<string>[]): Stated<string> =>
  texts.find((text) => typeof text === 'string') ?? texts.find((text) => text === null)

/** The transcript, else what was said turn by turn, else (`summaries`) the summary; wherever a call of its time has them. */
export const textOf = (call: JsonObject, summaries: boolean, notes: Notes): Stated<string> => {
  const holders = holdersOf(call)
  const summarised = summaries ? [analysisOf(call) ?? {}, call].map((holder) => summaryOf(holder, notes)) : []
  return firstStated([...holders.map((holder) => transcriptIn(holder, notes)), ...holders.map(turnsIn), ...summarised])
}
