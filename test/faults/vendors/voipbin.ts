import { startVoipbinSimulator } from '../../../src/simulator/voipbin/simulator.ts'
import { noTraps, type VoipbinTraps } from '../../../src/simulator/voipbin/traps.ts'
import { contentOf, idOf, type Recording } from '../model.ts'
import { rereads, type Vendor, type VendorAccount } from '../vendor.ts'

const accessKey = 'vb0199-faults-not-a-real-one-61d0'

const traps: Readonly<Record<string, Partial<VoipbinTraps>>> = {
  'the old dialect': { dialect: 'old' },
  'both dialects in one answer': { dialect: 'mixed' },
  'no token on the last page': { tokenOnLastPage: false },
  'the first page again and again': { ignoresTokens: true },
  'tokens cut to milliseconds': { millisecondTokens: true },
  'the second page is empty': { emptySecondPage: true },
  'the oldest first': { oldestFirst: true },
  'the clock an hour behind': { dateSkewSeconds: -3600 },
  'the clock an hour ahead': { dateSkewSeconds: 3600 },
}

const resource = ({ at, version, state, content }: Recording) => ({
  status: state === 'pending' ? 'recording' : 'ended',
  tm_start: state === 'bad' ? 'yesterday' : at,
  tm_end: state === 'pending' ? null : at + contentOf(content).seconds * 1_000_000,
  tm_update: version,
})

const callIdOf = ({ n }: Recording): string => idOf(n + 500_000)

const address = (target: string) => ({ type: 'tel', target, target_name: '', name: '', detail: '' })

const callOf = ({ content }: Recording) => {
  const { direction, from, to } = contentOf(content)
  return {
    direction: direction === 'inbound' ? 'incoming' : 'outgoing',
    source: address(from),
    destination: address(to),
  }
}

const open: Vendor['open'] = async (now): Promise<VendorAccount> => {
  const simulator = await startVoipbinSimulator({ accessKey, now })
  const { account } = simulator
  return {
    origin: new URL(simulator.baseUrl).origin,
    put: (recording) => {
      const id = idOf(recording.n)
      const content = { ...resource(recording), reference_id: callIdOf(recording) }
      if (account.get(id) === undefined) account.add({ id, tm_create: recording.at, ...content })
      else account.change(id, content)
      account.changeCall(callIdOf(recording), callOf(recording))
    },
    remove: ({ n }) => account.remove(idOf(n)),
    write: ({ n }, { text, at }) =>
      void account.transcribe(idOf(n), { tm_create: at, tm_update: at }, [{ message: text, tm_create: at }]),
    has: ({ n }) => account.get(idOf(n)) !== undefined,
    trap: (name) => {
      simulator.traps = { ...noTraps, ...(name === null ? {} : traps[name]) }
    },
    close: () => simulator.close(),
  }
}

export const voipbin: Vendor = {
  name: 'voipbin',
  settings: (origin) => ({
    access_key: `\${VOIPBIN_ACCESS_KEY}`,
    base_url: `${origin}/v1.0`,
    requests_per_second: 1000,
    timeout: '1s',
    rereads,
  }),
  env: { VOIPBIN_ACCESS_KEY: accessKey },
  secrets: [accessKey],
  traps: Object.keys(traps),
  axis: 'tm_create',
  resolution: 1000,
  tied: 60,
  hasTexts: true,
  hasPending: true,
  hasBad: true,
  changesSilently: true,
  provesDeletions: true,
  mayWait: true,
  placeOn: (_axis, { at }) => at,
  hasTokens: false,
  pendingFor: 7 * 86_400_000_000,
  rejectCode: 'invalid-instant',
  open,
  idOf: ({ n }) => idOf(n),
  row: ({ n, at }, { direction, from, to, seconds }, text, as) => ({
    message_id: idOf(n),
    created_at: at,
    message_direction: direction,
    phone_number: from,
    number_dialed_by_user: to,
    call_duration_in_sec: as === 'done' ? seconds : null,
    message_text: text,
    recording_status: as === 'done' ? 'available' : 'processing',
  }),
}
