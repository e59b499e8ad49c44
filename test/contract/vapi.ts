import { startVapiSimulator } from '../../src/simulator/vapi/simulator.ts'
import { keptCall } from '../../src/sources/vapi/kept-call.ts'
import { inboundCall, oldCall, outboundCall, webCall } from '../sources/vapi/fixtures.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

const apiKey = 'vapi-contract-not-a-real-key-77aa'

const now = Date.UTC(2026, 6, 15) * 1000
const window = { from: now - 86_400_000_000, to: now }

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startVapiSimulator({ apiKey: knowsKey ? apiKey : 'of-somebody-else', now: () => now })
  return {
    settings: { base_url: simulator.baseUrl },
    requests: () => simulator.requests,
    fill: () => simulator.account.generate({ ...window, count: 700, plain: true }),
    repeatPages: () => {
      simulator.traps.filtersIgnored = true
    },
    emptyMiddlePage: () => {
      simulator.traps.emptyEveryOther = true
    },
    hang: () =>
      new Promise((arrived) => {
        simulator.traps.everyRequest = 'stalled'
        simulator.onRequest = () => arrived()
      }),
    refuse: () => {
      simulator.traps.everyRequest = 'bad-request'
    },
    close: () => simulator.close(),
  }
}

export const vapi: ContractCase = {
  settings: { api_key: `\${VAPI_API_KEY}`, start: '2026-07-01', requests_per_second: 1000 },
  env: { VAPI_API_KEY: apiKey },
  credential: 'api_key',
  bad: [
    { what: 'a key written in the file', settings: { api_key: 'vapi-key' }, key: 'api_key' },
    { what: 'no key', settings: { api_key: undefined }, key: 'api_key' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'an address in clear', settings: { base_url: 'http://api.example.test' }, key: 'base_url' },
    { what: 'a retention without unit', settings: { retention: 14 }, key: 'retention' },
    { what: 'a word for recordings', settings: { recordings: 'off' }, key: 'recordings' },
    { what: 'a delay that is no duration', settings: { recording_delay: 'soon' }, key: 'recording_delay' },
    { what: 'a person that there is not', settings: { person: 'agent' }, key: 'person' },
    { what: 'a reference that there is not', settings: { sender_ref: 'name' }, key: 'sender_ref' },
    { what: 'a word for the summary', settings: { summary_as_text: 'maybe' }, key: 'summary_as_text' },
    { what: 'an unknown country', settings: { default_country: 'XX' }, key: 'default_country' },
    { what: 'more calls than an answer holds', settings: { calls_per_request: 1001 }, key: 'calls_per_request' },
    { what: 'no requests at all', settings: { requests_per_second: 0 }, key: 'requests_per_second' },
    { what: 'no room for an answer', settings: { max_response_bytes: 10 }, key: 'max_response_bytes' },
    { what: 'a re-read without depth', settings: { rereads: [{ every: 'run' }] }, key: 'depth' },
    { what: 'no re-read by creation', settings: { creation_rereads: [] }, key: 'creation_rereads' },
    { what: 'an unknown setting', settings: { own_numbers: ['+15125550100'] }, key: 'own_numbers' },
  ],
  fixtures: [
    {
      name: 'an inbound call with our number',
      record: { call: keptCall(inboundCall), own_number: '+15125550199' },
      optional: {
        own_number: 'number_dialed_by_user',
        'call.orgId': null,
        'call.type': 'message_direction',
        'call.status': null,
        'call.createdAt': null,
        'call.updatedAt': null,
        'call.startedAt': 'call_duration_in_sec',
        'call.endedAt': 'call_duration_in_sec',
        'call.endedReason': null,
        'call.phoneCallProvider': null,
        'call.phoneCallProviderId': null,
        'call.assistantId': null,
        'call.squadId': null,
        'call.phoneNumberId': null,
        'call.customerId': null,
        'call.customer': 'phone_number',
        'call.customer.number': 'phone_number',
        'call.customer.name': 'first_name',
        'call.customer.email': 'email_address',
        'call.customer.externalId': 'sender_ext_ref',
        'call.artifact.transcript': 'message_text',
        'call.artifact.recording.stereoUrl': null,
        'call.artifact.recording.mono': null,
        'call.analysis': null,
      },
    },
    {
      name: 'an outbound call by a number of its own',
      record: { call: keptCall(outboundCall) },
      optional: {
        'call.phoneNumber': 'phone_number',
        'call.customer': 'number_dialed_by_user',
        'call.destination': null,
      },
    },
    {
      name: 'a call of the web',
      record: { call: keptCall(webCall) },
      optional: { 'call.type': 'message_direction', 'call.artifact.messages': 'message_text' },
    },
    {
      name: 'an old call',
      record: { call: keptCall(oldCall) },
      optional: { 'call.transcript': null, 'call.summary': null, 'call.recordingUrl': null },
    },
  ],
  window,
  pageParameters: /^createdAt[GL]e$/,
  listings: ['/call'],
  start,
  waivers: {},
}
