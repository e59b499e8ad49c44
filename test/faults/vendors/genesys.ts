import { startGenesysSimulator } from '../../../src/simulator/genesys/simulator.ts'
import { type GenesysTraps, noTraps } from '../../../src/simulator/genesys/traps.ts'
import { contentOf, idOf, type Recording } from '../model.ts'
import { rereads, type Vendor, type VendorAccount } from '../vendor.ts'

const clientId = '00000000-0000-4000-8000-00000000c11e'
const clientSecret = 'genesys-secret-faults-not-a-real-one-61d0'

const traps: Readonly<Record<string, Partial<GenesysTraps>>> = {
  'audio that is being transcoded': { transcodingAnswers: 1 },
  'a total that is too high': { totalOffBy: 3 },
  'a total that is too low': { totalOffBy: -3 },
  'pages that shift': { shifts: 1 },
  'annotations with other ids in every answer': { annotations: true },
  'links of every kind': { mediaUris: 'mixed' },
  'tokens that die early': { tokenRequests: 12 },
  'the first page again and again': { repeatedPage: true },
  'the second page is empty': { emptySecondPage: true },
  'jobs in pages of two': { jobPage: 2, jobQuestions: 4 },
  'jobs that fail': { jobState: 'FAILED' },
  'jobs that expire': { jobState: 'EXPIRED' },
}

const written = (micros: number): string => new Date(micros / 1000).toISOString()

const conversationOf = ({ n }: Recording): string => idOf(n)

const recordingOf = ({ n }: Recording): string => idOf(n + 500_000)

const apart = { pending: 0, bad: 1000, living: 2000, removed: 3000 } as const

/** Listed again is what ended otherwise than it was stored. */
const endOf = ({ at, content, version, state }: Recording): number =>
  Math.min(at + 60_000_000 + content * 4000 + apart[state], Math.max(version, at + 1000))

const open: Vendor['open'] = async (now): Promise<VendorAccount> => {
  const simulator = await startGenesysSimulator({ clientId, clientSecret, now })
  const { account } = simulator
  const held = new Set<string>()
  return {
    origin: simulator.url,
    put: (recording) => {
      const id = conversationOf(recording)
      if (held.has(id)) account.remove(id)
      held.add(id)
      const { direction, from, to } = contentOf(recording.n)
      const { seconds } = contentOf(recording.content)
      account.add({
        id,
        start: recording.at,
        end: endOf(recording),
        direction,
        ani: from,
        dnis: to,
        recordings: [
          {
            id: recording.state === 'bad' ? undefined : recordingOf(recording),
            fileState: recording.state === 'pending' ? 'UPLOADING' : 'AVAILABLE',
            startTime: written(recording.at),
            endTime: written(recording.at + seconds * 1_000_000),
            // What is left of its times while it has no media.
            originalRecordingStartTime: written(recording.at),
            outputDurationMs: seconds * 1000,
            deleteDate: undefined,
          },
        ],
      })
    },
    remove: (recording) => {
      account.remove(conversationOf(recording))
      held.delete(conversationOf(recording))
    },
    write: () => undefined,
    has: (recording) => held.has(conversationOf(recording)),
    trap: (name) => void Object.assign(simulator.traps, noTraps, name === null ? {} : traps[name]),
    close: () => simulator.close(),
  }
}

export const genesys: Vendor = {
  name: 'genesys',
  settings: (origin) => ({
    client_id: clientId,
    client_secret: `\${GENESYS_CLIENT_SECRET}`,
    region: 'mypurecloud.ie',
    base_url: origin,
    login_url: origin,
    requests_per_minute: 60_000,
    recordings_per_minute: 30_000,
    second_look: '12h',
    // Less would be more than jobs have by a clock that is behind.
    jobs_after: '27h',
    timeout: '1s',
    rereads,
  }),
  env: { GENESYS_CLIENT_SECRET: clientSecret },
  secrets: [clientSecret],
  traps: Object.keys(traps),
  axis: 'conversationStart',
  resolution: 1000,
  tied: 1000,
  hasTexts: false,
  hasPending: true,
  hasBad: true,
  changesSilently: false,
  provesDeletions: false,
  mayWait: true,
  placeOn: (_axis, { at }) => at,
  hasTokens: true,
  pendingFor: 7 * 86_400_000_000 + 60_000_000,
  rejectCode: 'missing-recording-id',
  open,
  idOf: conversationOf,
  row: (recording, { seconds }, text, as) => {
    const { direction, from, to } = contentOf(recording.n)
    return {
      message_id: recordingOf(recording),
      created_at: recording.at,
      message_direction: direction,
      phone_number: from,
      number_dialed_by_user: to,
      call_duration_in_sec: seconds,
      message_text: text,
      recording_status: as === 'done' ? 'available' : 'processing',
    }
  },
}
