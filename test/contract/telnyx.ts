import { startTelnyxSimulator } from '../../src/simulator/telnyx/simulator.ts'
import { callFacts } from '../../src/sources/telnyx/call-facts.ts'
import { withoutLinks } from '../../src/sources/telnyx/links.ts'
import {
  callEvents,
  completedTranscript,
  conference,
  inboundCall,
  outboundCall,
  unfinishedTranscript,
} from '../sources/telnyx/fixtures.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

const apiKey = 'KEY0199-contract-not-a-real-one-77aa'

const now = Date.UTC(2026, 6, 15) * 1000
const window = { from: now - 86_400_000_000, to: now }

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startTelnyxSimulator({ apiKey: knowsKey ? apiKey : 'KEY-of-somebody-else', now: () => now })
  return {
    settings: { base_url: simulator.baseUrl },
    requests: () => simulator.requests,
    fill: () => simulator.account.generate({ ...window, count: 700, plain: true }),
    repeatPages: () => {
      simulator.traps.repeatedPage = 'hidden'
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
      simulator.traps.everyRequest = 'code-10011'
    },
    close: () => simulator.close(),
  }
}

export const telnyx: ContractCase = {
  settings: { api_key: `\${TELNYX_API_KEY}`, start: '2026-01-01', requests_per_second: 100 },
  env: { TELNYX_API_KEY: apiKey },
  credential: 'api_key',
  bad: [
    { what: 'a key written in the file', settings: { api_key: 'KEY0199' }, key: 'api_key' },
    { what: 'no key', settings: { api_key: undefined }, key: 'api_key' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'a start without zone', settings: { start: '2026-01-01T00:00:00' }, key: 'start' },
    { what: 'a start that is no time', settings: { start: 'January' }, key: 'start' },
    { what: 'an address in clear', settings: { base_url: 'http://api.example.test/v2' }, key: 'base_url' },
    { what: 'an own number that is none', settings: { own_numbers: ['+15125550100', 'desk'] }, key: 'own_numbers' },
    { what: 'a national own number without country', settings: { own_numbers: ['5125550100'] }, key: 'own_numbers' },
    { what: 'a word for the own numbers', settings: { own_numbers: 'all' }, key: 'own_numbers' },
    { what: 'an unknown country', settings: { default_country: 'XX' }, key: 'default_country' },
    { what: 'no requests at all', settings: { requests_per_second: 0 }, key: 'requests_per_second' },
    { what: 'a timeout without unit', settings: { timeout: 60 }, key: 'timeout' },
    { what: 'a settling delay that is no duration', settings: { settling_delay: '5 min' }, key: 'settling_delay' },
    { what: 'a window that is no duration', settings: { max_window: 'day' }, key: 'max_window' },
    { what: 'no room for an answer', settings: { max_response_bytes: 10 }, key: 'max_response_bytes' },
    { what: 'a re-read without depth', settings: { rereads: [{ every: 'run' }] }, key: 'depth' },
    {
      what: 'two re-reads of one depth',
      settings: {
        rereads: [
          { depth: '24h', every: '6h' },
          { depth: '1d', every: '7d' },
        ],
      },
      key: 'rereads',
    },
    { what: 'an unknown setting', settings: { api_token: 'x' }, key: 'api_token' },
  ],
  fixtures: [
    {
      name: 'an inbound call with everything joined to it',
      record: {
        recording: withoutLinks(inboundCall),
        transcripts: [completedTranscript, unfinishedTranscript],
        own_numbers: ['+15125550199'],
        events: callEvents.map(callFacts),
      },
      optional: {
        transcripts: 'message_text',
        own_numbers: null,
        events: null,
        'recording.record_type': null,
        'recording.call_control_id': null,
        'recording.call_leg_id': null,
        'recording.call_session_id': null,
        'recording.conference_id': null,
        'recording.connection_id': null,
        'recording.channels': null,
        'recording.source': null,
        'recording.initiated_by': null,
        'recording.status': null,
        'recording.from': null,
        'recording.to': null,
        'recording.duration_millis': null,
        'recording.recording_started_at': null,
        'recording.recording_ended_at': null,
        'recording.created_at': null,
        'recording.updated_at': null,
        'recording.download_urls': null,
      },
    },
    {
      name: 'an outbound call',
      record: { recording: withoutLinks(outboundCall), own_numbers: ['+15125550199'] },
      optional: {
        own_numbers: 'message_direction',
        'recording.from': 'phone_number',
        'recording.to': 'number_dialed_by_user',
      },
    },
    {
      name: 'a conference',
      record: { recording: withoutLinks(conference) },
      optional: { 'recording.conference_id': null, 'recording.download_urls': null },
    },
  ],
  window,
  pageParameters: /^page\[/,
  listings: ['/v2/recordings', '/v2/recording_transcriptions'],
  start,
  waivers: {},
}
