import { startVoipbinSimulator } from '../../src/simulator/voipbin/simulator.ts'
import {
  confbridge,
  conference,
  contact,
  inbound,
  inboundCall,
  outbound,
  outboundCall,
  transcribes,
  transcript,
} from '../sources/voipbin/fixtures.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

const accessKey = 'vb0199-contract-not-a-real-one-77aa'

const now = Date.UTC(2026, 6, 15) * 1000
const window = { from: now - 86_400_000_000, to: now }

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startVoipbinSimulator({
    accessKey: knowsKey ? accessKey : 'key-of-somebody-else',
    now: () => now,
  })
  return {
    settings: { base_url: simulator.baseUrl },
    requests: () => simulator.requests,
    fill: () => {
      const ids = simulator.account.generate({ ...window, count: 350, plain: true })
      for (const [index, id] of ids.entries()) {
        if (index % 3 === 0)
          simulator.account.transcribe(id, { tm_create: window.from + index * 60_000_000 }, [{ message: 'Hello.' }])
      }
      return ids
    },
    repeatPages: () => {
      simulator.traps.ignoresTokens = true
    },
    emptyMiddlePage: () => {
      simulator.traps.emptySecondPage = true
    },
    hang: () =>
      new Promise((arrived) => {
        simulator.traps.everyRequest = 'stalled'
        simulator.onRequest = () => arrived()
      }),
    refuse: () => {
      simulator.traps.everyRequest = 'account-frozen'
    },
    close: () => simulator.close(),
  }
}

export const voipbin: ContractCase = {
  settings: { access_key: `\${VOIPBIN_ACCESS_KEY}`, start: '2026-01-01', requests_per_second: 1000 },
  env: { VOIPBIN_ACCESS_KEY: accessKey },
  credential: 'access_key',
  bad: [
    { what: 'a key written in the file', settings: { access_key: 'vb0199' }, key: 'access_key' },
    { what: 'neither key nor token', settings: { access_key: undefined }, key: 'access_key' },
    { what: 'a key and a token', settings: { token: `\${VOIPBIN_ACCESS_KEY}` }, key: 'access_key' },
    { what: 'a token written in the file', settings: { access_key: undefined, token: 'eyJ' }, key: 'token' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'a start without zone', settings: { start: '2026-01-01T00:00:00' }, key: 'start' },
    { what: 'an address in clear', settings: { base_url: 'http://api.example.test/v1.0' }, key: 'base_url' },
    { what: 'calls that are a word', settings: { calls: 'on' }, key: 'calls' },
    { what: 'transcripts that are a word', settings: { transcripts: 'on' }, key: 'transcripts' },
    { what: 'a language that is none', settings: { language: 'English (US)' }, key: 'language' },
    { what: 'contacts that are a word', settings: { contacts: 'on' }, key: 'contacts' },
    { what: 'caller names that are a word', settings: { caller_names: 'on' }, key: 'caller_names' },
    { what: 'another person', settings: { person: 'agent' }, key: 'person' },
    { what: 'no requests at all', settings: { requests_per_second: 0 }, key: 'requests_per_second' },
    { what: 'a timeout without unit', settings: { timeout: 60 }, key: 'timeout' },
    { what: 'a settling delay that is no duration', settings: { settling_delay: '2 min' }, key: 'settling_delay' },
    { what: 'a window that is no duration', settings: { max_window: 'day' }, key: 'max_window' },
    { what: 'no room for an answer', settings: { max_response_bytes: 10 }, key: 'max_response_bytes' },
    { what: 'a re-read without depth', settings: { rereads: [{ every: 'run' }] }, key: 'depth' },
    { what: 'an unknown setting', settings: { accesskey: 'x' }, key: 'accesskey' },
  ],
  fixtures: [
    {
      name: 'an inbound call with everything joined to it',
      record: { recording: inbound, call: inboundCall, transcribes, transcript, contact },
      optional: {
        transcript: 'message_text',
        transcribes: null,
        call: 'phone_number',
        contact: null,
        'recording.customer_id': null,
        'recording.owner_type': null,
        'recording.owner_id': null,
        'recording.activeflow_id': null,
        'recording.reference_type': null,
        'recording.reference_id': null,
        'recording.format': null,
        'recording.on_end_flow_id': null,
        'recording.tm_start': null,
        'recording.tm_end': null,
        'recording.tm_create': null,
        'recording.tm_update': null,
        'recording.tm_delete': null,
        'call.source': 'phone_number',
        'call.destination': 'number_dialed_by_user',
        'call.direction': 'message_direction',
      },
    },
    {
      name: 'an outbound call',
      record: { recording: outbound, call: outboundCall },
      optional: { call: 'message_direction', 'call.source.target': null, 'call.master_call_id': null },
    },
    {
      name: 'a confbridge',
      record: { recording: confbridge, conference, participants: [inboundCall] },
      optional: { participants: 'phone_number', conference: null },
    },
  ],
  window,
  pageParameters: /^page_token$/,
  listings: ['/v1.0/recordings', '/v1.0/transcribes'],
  start,
  waivers: {},
}
