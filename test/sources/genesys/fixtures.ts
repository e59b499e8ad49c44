import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { storedRecording } from '../../../src/sources/genesys/envelope.ts'
import { isJsonObject, type JsonObject } from '../../../src/transform/json-object.ts'
import { objectsOf } from '../../../src/transform/member.ts'

const folder = join(import.meta.dirname, '../../fixtures/genesys')

const answer = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))

const first = (list: readonly JsonObject[]): JsonObject => list[0] ?? {}

const details = answer('conversations')

/** As a details query shows it: an inbound call, with a customer and an agent. */
export const inboundCall = first(isJsonObject(details) ? objectsOf(details.conversations) : [])

/** Answers of `/recordings`, as they come: of a call (one to play, a screen, one in the archive), a chat, an email, messages. */
export const audioAnswer = objectsOf(answer('audio_recordings'))
export const chatAnswer = objectsOf(answer('chat_recordings'))
export const emailAnswer = objectsOf(answer('email_recordings'))
export const messageAnswer = objectsOf(answer('message_recordings'))

export const rateLimitError = answer('error')

export const contactId = '00000000-0000-4000-8000-000000000801'

export const contact: JsonObject = {
  id: contactId,
  firstName: 'Jo',
  lastName: 'Doe',
  personalEmail: 'jo@example.test',
  externalIds: [{ externalSource: { id: '00000000-0000-4000-8000-000000000901' }, value: 't0012345' }],
}

export const inboundRecord: JsonObject = {
  conversation: inboundCall,
  recordings: audioAnswer.map(storedRecording),
  contacts: { [contactId]: contact },
  transcripts: { '00000000-0000-4000-8000-000000000101': 'Customer: Hello\nAgent: Leasing office.' },
}

/** A conversation of another medium, around its recordings. */
export const writtenRecord = (
  mediaType: string,
  id: string,
  start: string,
  answer: readonly JsonObject[],
  session: JsonObject = {},
): JsonObject => ({
  conversation: {
    conversationId: id,
    conversationStart: start,
    conversationEnd: start.replace(/T\d\d/, 'T23'),
    originatingDirection: 'inbound',
    participants: [
      {
        purpose: 'customer',
        sessions: [{ sessionId: 'session-of-the-customer', mediaType, direction: 'inbound', ...session }],
      },
    ],
  },
  recordings: answer.map(storedRecording),
})

export const chatRecord = writtenRecord(
  'chat',
  '00000000-0000-4000-8000-000000000002',
  '2026-03-02T16:00:00.000Z',
  chatAnswer,
)

export const emailRecord = writtenRecord(
  'email',
  '00000000-0000-4000-8000-000000000003',
  '2026-03-03T10:00:00.000Z',
  emailAnswer,
  { addressFrom: 'jo@example.test', addressTo: 'leasing@example.test' },
)

export const messageRecord = writtenRecord(
  'message',
  '00000000-0000-4000-8000-000000000004',
  '2026-03-04T09:00:00.000Z',
  messageAnswer,
)
