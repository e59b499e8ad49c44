import { createHash } from 'node:crypto'
import type { EpochMicros } from '../../src/domain/instant.ts'
import type { NewConversation } from '../../src/simulator/genesys/account.ts'
import { type GenesysSimulator, startGenesysSimulator } from '../../src/simulator/genesys/simulator.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import {
  apiKey,
  createDisturbance,
  day,
  type Expected,
  hour,
  type LimitedVendor,
  minute,
  pending,
  rejected,
  rowOf,
  skipped,
  toMillis,
} from './vendor.ts'

const faults = ['rate-limited', 'unavailable', 'html', 'stalled', 'reset'] as const

const traps = {
  totalOffBy: 3,
  shifts: 2,
  annotations: true,
  mediaUris: 'mixed',
  tokenRequests: 60,
  retryAfterSeconds: 1,
} as const

/** One conversation in five is being transcoded when it is asked for first. */
const isTranscoding = (path: string): boolean => (createHash('md5').update(path).digest()[0] ?? 0) % 5 === 0

const callOf = ({ account }: GenesysSimulator, id: string, start: EpochMicros): Expected =>
  rowOf(
    id,
    ...account.recordings(id).map((recording) => ({
      message_id: recording,
      conversation_id: id,
      created_at: toMillis(start - (start % 1000) + 8_000_000),
      recording_status: 'available',
      recording_url: `https://api.mypurecloud.ie/api/v2/conversations/${id}/recordings/${recording}`,
      deleted: false,
    })),
  )

const said = ['Is unit 4B still open?', 'It is.', 'Thanks']

export const openGenesys = async (began: EpochMicros, count: number): Promise<LimitedVendor> => {
  const simulator = await startGenesysSimulator({ clientId: 'every-source', clientSecret: apiKey, traps })
  const { account } = simulator
  const expected = new Map<string, () => Expected>()
  const add = (given: NewConversation, become: (id: string) => Expected): string => {
    const id = account.add(given)
    expected.set(id, () => become(id))
    return id
  }
  const call = (given: NewConversation): string => add(given, (id) => callOf(simulator, id, given.start))
  // A conversation that is found again two days after its end is read again: none is to reach that age meanwhile.
  const part = (42 * hour) / count
  for (let n = 0; n < count; n += 1) call({ start: Math.floor(began - 44 * hour + part * n) })
  for (let n = 0; n < 5; n += 1) call({ start: began - 60 * hour + n * minute })
  const consulted = call({ start: began - 5 * hour })
  account.consult(consulted)
  account.addRecording(consulted, {})
  account.addRecording(consulted, {})
  add({ start: began - 30 * minute, recordings: [] }, (id) => pending(id, 'no-recordings-yet'))
  add({ start: began - 4 * hour, recordings: [] }, (id) => skipped(id, 'no-recordings'))
  add({ start: began - 4 * hour, recordings: [{ media: 'screen' }] }, (id) => skipped(id, 'no-wanted-media'))
  add({ start: began - 3 * hour, recordings: [{ fileState: 'UPLOADING' }] }, (id) => pending(id, 'recording-uploading'))
  add({ start: began - 3 * hour, recordings: [{ id: undefined }] }, (id) => rejected(id, 'missing-recording-id'))
  // It goes on: Genesys Cloud lists what has ended, so nothing may know of it.
  account.add({ start: began - 3 * hour, end: began + 365 * day })
  const contact = account.addContact({ id: '00000000-0000-4000-8000-0000000000c1', firstName: 'Jo', lastName: 'Doe' })
  const literalStart = began - 6 * hour
  const literal = call({
    start: literalStart,
    direction: 'inbound',
    ani: '+15125550142',
    dnis: '+15125550100',
    contact,
    recordings: [
      { startTime: '2026-07-14T10:00:00.000Z', endTime: '2026-07-14T10:01:12.600Z', outputDurationMs: 72_600 },
    ],
  })
  expected.set(literal, () => {
    const { rows, ...record } = callOf(simulator, literal, literalStart)
    return { ...record, rows: rows.map((row) => ({ ...row, created_at: '2026-07-14T10:00:00.000Z' })) }
  })
  const chatted = began - 7 * hour - (began % 1000)
  const transcript = said.map((body, n) => ({
    id: `message-${n}`,
    body,
    bodyType: 'STANDARD',
    utc: formatInstant(chatted + n * minute),
    participantPurpose: n === 1 ? 'agent' : 'customer',
  }))
  const chat = { media: 'chat', transcript }
  add({ start: chatted, mediaType: 'chat', recordings: [chat, { ...chat, transcript: transcript.slice(1) }] }, (id) =>
    rowOf(
      id,
      ...said.map((_, n) => ({
        message_id: `message-${n}`,
        conversation_id: id,
        created_at: toMillis(chatted + n * minute),
        recording_status: 'available',
        recording_url: null,
        deleted: false,
      })),
    ),
  )
  const disturbance = createDisturbance<(typeof faults)[number]>(faults, 'unavailable')
  const asked = new Set<string>()
  simulator.onRequest = ({ path }) => {
    if (path === '/oauth/token') return
    const fault = disturbance.fault()
    simulator.traps.faults = fault === null ? [] : [fault]
    const isFirst = fault === null && !asked.has(path)
    simulator.traps.transcodingAnswers = isFirst && isTranscoding(path) ? 100 : 0
    if (isFirst) asked.add(path)
  }
  return {
    connection: 'genesys',
    config: [
      'source: genesys',
      'client_id: every-source',
      `client_secret: \${API_KEY}`,
      'region: mypurecloud.ie',
      `base_url: ${simulator.url}`,
      `login_url: ${simulator.url}`,
      'media: [audio, chat]',
      'watch_deletions: false',
      'requests_per_minute: 60000',
      'recordings_per_minute: 30000',
    ],
    expected: () => [...expected.values()].map((become) => become()),
    literal: {
      message_id: account.recordings(literal)[0] ?? '',
      conversation_id: literal,
      created_at: '2026-07-14 10:00:00+00',
      message_text: null,
      first_name: 'Jo',
      last_name: 'Doe',
      sender_ext_ref: null,
      phone_number: '+15125550142',
      email_address: null,
      message_direction: 'inbound',
      number_dialed_by_user: '+15125550100',
      call_duration_in_sec: 73,
      recording_url: `https://api.mypurecloud.ie/api/v2/conversations/${literal}/recordings/${account.recordings(literal)[0]}`,
    },
    remove: () => null,
    ...disturbance,
    limit: (requests) => {
      simulator.traps.rateLimit = { allowed: requests, seconds: 1 }
    },
    refused: () => simulator.requests.filter((request) => request.status === 429).length,
    close: () => simulator.close(),
  }
}
