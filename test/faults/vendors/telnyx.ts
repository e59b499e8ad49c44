import { startTelnyxSimulator } from '../../../src/simulator/telnyx/simulator.ts'
import { noTraps, type TelnyxTraps } from '../../../src/simulator/telnyx/traps.ts'
import { contentOf, idOf, ownNumber, type Recording } from '../model.ts'
import { rereads, type Vendor, type VendorAccount } from '../vendor.ts'

const apiKey = 'KEY0199-faults-not-a-real-one-61d0'

const written = (micros: number): string => new Date(micros / 1000).toISOString()

/** It began so long before its resource was made. */
const processing = 600_000_000

const traps: Readonly<Record<string, Partial<TelnyxTraps>>> = {
  'pages shuffled': { shuffledPages: true },
  'a record deleted between pages': { deletions: 1 },
  'late visibility': { lateVisibility: true },
  'no totals': { missingMeta: true },
  'no page numbers': { missingPageNumber: true },
  'the second page is empty': { emptySecondPage: true },
  'the first page again and again': { repeatedPage: 'hidden' },
  'a total that is too high': { totalOffBy: 1 },
  'a total that is too low': { totalOffBy: -1 },
  'a record from elsewhere': { strayRecording: true },
  'tokens instead of page numbers': { transcriptionMeta: 'token' },
  'the clock an hour behind': { dateSkewSeconds: -3600 },
  'the clock an hour ahead': { dateSkewSeconds: 3600 },
  'no clock': { dateSkewSeconds: null },
}

const resource = (recording: Recording) => {
  const { direction: _, seconds, ...parties } = contentOf(recording.content)
  const began = recording.at - processing
  const zone = recording.state === 'bad' ? '' : 'Z'
  return {
    ...parties,
    call_control_id: `v3:${recording.n}`,
    call_leg_id: idOf(recording.n + 500_000),
    call_session_id: idOf(recording.n + 600_000),
    connection_id: '1752000000000000621',
    channels: 'dual',
    initiated_by: 'DialVerb',
    duration_millis: seconds * 1000,
    recording_started_at: `${written(began).slice(0, -1)}${zone}`,
    recording_ended_at: written(began + seconds * 1_000_000),
    updated_at: written(recording.version),
    status: recording.state === 'pending' ? 'processing' : 'completed',
    ...(recording.state === 'pending' ? { download_urls: undefined } : { download_urls: { mp3: 'signed' } }),
  }
}

const open: Vendor['open'] = async (now): Promise<VendorAccount> => {
  const simulator = await startTelnyxSimulator({ apiKey, now })
  const { account } = simulator
  return {
    origin: new URL(simulator.baseUrl).origin,
    put: (recording) => {
      const id = idOf(recording.n)
      if (account.get(id) === undefined) account.add({ id, created_at: written(recording.at), ...resource(recording) })
      else account.change(id, resource(recording))
    },
    remove: (recording) => account.remove(idOf(recording.n)),
    write: (recording, { text, at }) =>
      void account.transcribe(idOf(recording.n), { transcription_text: text, created_at: written(at) }),
    has: (recording) => account.get(idOf(recording.n)) !== undefined,
    trap: (name) => {
      simulator.traps = { ...noTraps, ...(name === null ? {} : traps[name]) }
    },
    close: () => simulator.close(),
  }
}

export const telnyx: Vendor = {
  name: 'telnyx',
  settings: (origin) => ({
    api_key: `\${TELNYX_API_KEY}`,
    base_url: `${origin}/v2`,
    own_numbers: [ownNumber],
    requests_per_second: 1000,
    timeout: '1s',
    rereads,
  }),
  env: { TELNYX_API_KEY: apiKey },
  secrets: [apiKey],
  traps: Object.keys(traps),
  axis: 'created_at',
  resolution: 1000,
  tied: 1000,
  hasTexts: true,
  hasPending: true,
  hasBad: true,
  changesSilently: true,
  provesDeletions: true,
  mayWait: false,
  placeOn: (_axis, { at }) => at,
  hasTokens: false,
  pendingFor: 7 * 86_400_000_000,
  rejectCode: 'missing-zone',
  open,
  idOf: ({ n }) => idOf(n),
  row: ({ n, at }, { direction, from, to, seconds }, text, as) => ({
    message_id: idOf(n),
    created_at: at - processing,
    message_direction: direction,
    phone_number: from,
    number_dialed_by_user: to,
    call_duration_in_sec: seconds,
    message_text: text,
    recording_status: as === 'done' ? 'available' : 'processing',
  }),
}
