import { startGenesysSimulator } from '../../src/simulator/genesys/simulator.ts'
import { microsPerDay } from '../../src/transform/calendar.ts'
import { isJsonObject } from '../../src/transform/json-object.ts'
import { chatRecord, emailRecord, inboundRecord, messageRecord } from '../sources/genesys/fixtures.ts'
import type { ArrivedRequest, ContractAccount, ContractCase } from './contract-case.ts'

const clientId = '00000000-0000-4000-8000-00000000c11e'
const clientSecret = 'genesys-secret-contract-not-a-real-one-77aa'

/** Yesterday: what is older is listed by jobs. */
const to = Math.floor((Date.now() * 1000) / microsPerDay) * microsPerDay
const window = { from: to - microsPerDay, to }

/** Listings are asked for in the body of a POST. */
const parametersOf = (body: unknown): ArrivedRequest['query'] =>
  isJsonObject(body) ? Object.entries(body).map(([name, value]) => [name, JSON.stringify(value)]) : []

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startGenesysSimulator({
    clientId,
    clientSecret: knowsKey ? clientSecret : 'the-secret-of-somebody-else',
    now: () => to + 3_600_000_000,
  })
  return {
    settings: { base_url: simulator.url, login_url: simulator.url },
    requests: () =>
      simulator.requests.map(({ path, query, body }) => ({ path, query: [...query, ...parametersOf(body)] })),
    fill: () => simulator.account.generate({ ...window, count: 350 }),
    repeatPages: () => {
      simulator.traps.repeatedPage = true
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
      simulator.traps.everyRequest = 'refused'
    },
    close: () => simulator.close(),
  }
}

export const genesys: ContractCase = {
  settings: {
    client_id: clientId,
    client_secret: `\${GENESYS_CLIENT_SECRET}`,
    region: 'mypurecloud.ie',
    start: '2026-01-01',
    media: ['audio', 'chat', 'email', 'message'],
    requests_per_minute: 60_000,
    recordings_per_minute: 30_000,
  },
  env: { GENESYS_CLIENT_SECRET: clientSecret },
  credential: 'client_secret',
  bad: [
    { what: 'a secret written in the file', settings: { client_secret: 'secret' }, key: 'client_secret' },
    { what: 'no secret', settings: { client_secret: undefined }, key: 'client_secret' },
    { what: 'no client', settings: { client_id: undefined }, key: 'client_id' },
    { what: 'no region', settings: { region: undefined }, key: 'region' },
    { what: 'an address for a region', settings: { region: 'https://api.mypurecloud.ie' }, key: 'region' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'a start without zone', settings: { start: '2026-01-01T00:00:00' }, key: 'start' },
    { what: 'an API in clear', settings: { base_url: 'http://api.example.test' }, key: 'base_url' },
    { what: 'a login in clear', settings: { login_url: 'http://login.example.test' }, key: 'login_url' },
    { what: 'no medium', settings: { media: [] }, key: 'media' },
    { what: 'an unknown medium', settings: { media: ['screen'] }, key: 'media' },
    { what: 'a medium twice', settings: { media: ['audio', 'audio'] }, key: 'media' },
    { what: 'another person', settings: { person: 'agent' }, key: 'person' },
    { what: 'another format', settings: { recording_format: 'FLAC' }, key: 'recording_format' },
    { what: 'no requests at all', settings: { requests_per_minute: 0 }, key: 'requests_per_minute' },
    { what: 'no recordings at all', settings: { recordings_per_minute: 0 }, key: 'recordings_per_minute' },
    { what: 'a second look without unit', settings: { second_look: 48 }, key: 'second_look' },
    { what: 'a timeout without unit', settings: { timeout: 60 }, key: 'timeout' },
    { what: 'a settling delay that is no duration', settings: { settling_delay: '15 min' }, key: 'settling_delay' },
    { what: 'a window that is no duration', settings: { max_window: 'day' }, key: 'max_window' },
    { what: 'no room for an answer', settings: { max_response_bytes: 10 }, key: 'max_response_bytes' },
    { what: 'a re-read without depth', settings: { rereads: [{ every: 'run' }] }, key: 'depth' },
    { what: 'an unknown setting', settings: { api_key: 'x' }, key: 'api_key' },
  ],
  fixtures: [
    {
      name: 'an inbound call with two recordings and a screen',
      record: inboundRecord,
      optional: {
        contacts: 'first_name',
        transcripts: 'message_text',
        'conversation.conversationEnd': null,
        'conversation.originatingDirection': null,
        'conversation.divisionIds': null,
        'conversation.participants': 'phone_number',
      },
    },
    { name: 'a chat', record: chatRecord, optional: { 'conversation.participants': null } },
    { name: 'an email', record: emailRecord, optional: { 'conversation.participants': null } },
    { name: 'messages', record: messageRecord, optional: { 'conversation.conversationEnd': null } },
  ],
  window,
  // The second walk goes the other way.
  pageParameters: /^(?:paging|order)$/,
  listings: ['/api/v2/analytics/conversations/details/query'],
  start,
  waivers: {},
}
