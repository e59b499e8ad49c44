import { type Flattened, type RejectReason, reject, type Waiting } from '../../domain/flattened.ts'
import type { Media, RecordingRow } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Notes } from '../../transform/member.ts'
import type { FlattenContext } from '../source.ts'
import { audioRow } from './audio-row.ts'
import { conversationEnd, conversationId, conversationStart } from './conversation.ts'
import { type Envelope, readEnvelope, recordingId } from './envelope.ts'
import { messageRows } from './message-rows.ts'
import { deleteDateOf, mediumOf, ownerOf, stateOf } from './recording.ts'
import type { Identified, RowSettings } from './row-base.ts'
import { nextWait, waitForDeletion, waitForRecordings, waitForRestoring, waitForUpload } from './waiting.ts'

export type GenesysFlattenSettings = RowSettings & { readonly watch_deletions: boolean }

const noId: RejectReason = { code: 'missing-id', path: 'conversationId', detail: 'no value in conversationId' }
const noStart: RejectReason = {
  code: 'missing-created-at',
  path: 'conversationStart',
  detail: 'no readable value in conversationStart',
}
const notRead: RejectReason = {
  code: 'recordings-not-read',
  path: 'recordings',
  detail: 'its recordings were not read; only those become rows',
}

const identify = (envelope: Envelope): Identified | RejectReason => {
  const id = conversationId(envelope.conversation, []) ?? null
  if (id === null) return noId
  const startedAt = conversationStart(envelope.conversation, []) ?? null
  return startedAt === null ? noStart : { envelope, id, startedAt }
}

/** A recording of the conversation itself, of a medium that is wanted. */
interface Wanted {
  readonly recording: JsonObject
  readonly id: string
  readonly medium: Media
}

const byId = (a: Wanted, b: Wanted): number => (a.id < b.id ? -1 : 1)

/** Of several recordings with one message the smallest id owns its row, whatever their order. */
const wantedOf = (found: Identified, media: readonly Media[], notes: Notes): readonly Wanted[] =>
  (found.envelope.recordings ?? [])
    .flatMap((recording): readonly Wanted[] => {
      const medium = media.find((each) => each === mediumOf(recording))
      const owner = ownerOf(recording, []) ?? found.id
      const id = recordingId(recording, notes) ?? null
      if (medium === undefined || owner !== found.id) return []
      if (id === null) notes.push('recording-without-id')
      return id === null ? [] : [{ recording, id, medium }]
    })
    .sort(byId)

/** Absent while it is open: then what follows comes after its start at least. */
const endOf = ({ envelope, startedAt }: Identified): number => conversationEnd(envelope.conversation, []) ?? startedAt

/** Once waiting has ended it becomes a row without audio, whatever else of the conversation is still waited for. */
const isUploading = (found: Identified, recording: JsonObject, { final, ordinal }: FlattenContext): boolean =>
  stateOf(recording) === 'UPLOADING' && !final && waitForUpload(endOf(found)).giveUpAt > ordinal

const rowsOf = (
  found: Identified,
  { recording, id, medium }: Wanted,
  settings: RowSettings,
  context: FlattenContext,
  notes: Notes,
): readonly RecordingRow[] => {
  if (isUploading(found, recording, context)) return []
  return medium === 'audio'
    ? [audioRow(found, recording, id, settings, context, notes)]
    : messageRows(found, recording, medium, settings, context, notes)
}

const once = (rows: readonly RecordingRow[]): readonly RecordingRow[] => {
  const first = new Map<string, RecordingRow>()
  for (const row of rows) if (!first.has(row.message_id)) first.set(row.message_id, row)
  return [...first.values()]
}

const waitsFor = (
  found: Identified,
  { recording }: Wanted,
  watches: boolean,
  readAt: number,
): readonly (Waiting | null)[] => {
  const state = stateOf(recording)
  if (state === 'UPLOADING') return [waitForUpload(endOf(found))]
  if (state === 'RESTORING') return [waitForRestoring(endOf(found))]
  const date = deleteDateOf(recording, []) ?? null
  return watches && date !== null && state !== 'DELETED' ? [waitForDeletion(date, readAt)] : []
}

const skip = (recordId: string, code: string): Flattened => ({ kind: 'skip', recordId, code })

const withoutRows = (
  found: Identified,
  wanted: readonly Wanted[],
  context: FlattenContext,
  notes: Notes,
): Flattened => {
  const { id } = found
  const listed = found.envelope.recordings ?? []
  if (wanted.some(({ recording }) => isUploading(found, recording, context)))
    return { kind: 'pending', recordId: id, waiting: waitForUpload(endOf(found)) }
  if (listed.length === 0) {
    const waiting = waitForRecordings(endOf(found))
    const isOver = context.final || waiting.giveUpAt <= context.ordinal
    return isOver ? skip(id, 'no-recordings') : { kind: 'pending', recordId: id, waiting }
  }
  if (notes.includes('recording-without-id'))
    return reject(id, 'missing-recording-id', 'recordings', 'no recording has an id')
  return wanted.length === 0 ? skip(id, 'no-wanted-media') : skip(id, 'no-messages')
}

/** Pure: what a conversation becomes, with all that was joined to it. */
export const compileGenesysFlatten = (
  settings: GenesysFlattenSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  return (record, context) => {
    const envelope = readEnvelope(record)
    if (envelope === null) return reject(null, 'not-an-object', null, 'a record is one JSON object with a conversation')
    const found = identify(envelope)
    if ('code' in found)
      return { kind: 'reject', recordId: conversationId(envelope.conversation, []) ?? null, reason: found }
    if (envelope.recordings === undefined) return { kind: 'reject', recordId: found.id, reason: notRead }
    const notes: Notes = []
    const wanted = wantedOf(found, settings.media, notes)
    const rows = once(wanted.flatMap((each) => rowsOf(found, each, settings, context, notes)))
    if (rows.length === 0) return withoutRows(found, wanted, context, notes)
    const waits = wanted.flatMap((each) => waitsFor(found, each, settings.watch_deletions, context.ordinal))
    const followUp = context.final ? null : nextWait(waits, context.ordinal)
    return { kind: 'rows', rows, notes, ...(followUp === null ? {} : { followUp }) }
  }
}
