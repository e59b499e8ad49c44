import { startDotdoSimulator } from '../../src/simulator/dotdo/simulator.ts'
import { keptRecord } from '../../src/sources/dotdo/kept-record.ts'
import { isJsonObject, type JsonObject } from '../../src/transform/json-object.ts'
import { fullRecording, shortRecording } from '../sources/dotdo/fixtures.ts'
import type { ContractAccount, ContractCase } from './contract-case.ts'

const apiKey = 'dotdo-contract-not-a-real-token-77aa'

const now = Date.UTC(2026, 6, 15) * 1000
const window = { from: now - 86_400_000_000, to: now }

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startDotdoSimulator({ apiKey: knowsKey ? apiKey : 'of-somebody-else', now: () => now })
  return {
    settings: { base_url: simulator.baseUrl },
    requests: () => simulator.requests,
    fill: () => simulator.generate({ ...window, count: 700 }),
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
      simulator.traps.everyRequest = 'bad-request'
    },
    close: () => simulator.close(),
  }
}

const kept = (record: JsonObject): JsonObject => {
  const found = keptRecord(record)
  return isJsonObject(found) ? found : {}
}

/** All that is optional, with the column that it alone fills. */
const properties: Readonly<
  Record<string, 'phone_number' | 'message_text' | 'recording_url' | 'message_direction' | null>
> = {
  call: 'message_direction',
  assistant: null,
  phoneNumber: null,
  transcript: 'message_text',
  status: null,
  url: 'recording_url',
  secureUrl: null,
  startTime: null,
  endTime: null,
  created: null,
  updated: null,
  expiresAt: null,
  autoDeleteAt: null,
  duration: null,
  retentionPeriod: null,
  'call.customer': 'phone_number',
  metadata: null,
}

export const dotdo: ContractCase = {
  settings: {
    api_key: `\${DOTDO_API_KEY}`,
    path: '/vapi/callRecordings',
    start: '2026-01-01',
    requests_per_second: 1000,
  },
  env: { DOTDO_API_KEY: apiKey },
  credential: 'api_key',
  bad: [
    { what: 'a key written in the file', settings: { api_key: 'token' }, key: 'api_key' },
    { what: 'no key', settings: { api_key: undefined }, key: 'api_key' },
    { what: 'no path', settings: { path: undefined }, key: 'path' },
    { what: 'a path that leads elsewhere', settings: { path: '/../other' }, key: 'path' },
    { what: 'a path that is an address', settings: { path: '//host.example.test' }, key: 'path' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'an address in clear', settings: { base_url: 'http://api.example.test' }, key: 'base_url' },
    { what: 'a parameter with blanks', settings: { parameters: { from: 'created from' } }, key: 'parameters.from' },
    { what: 'a way to write times', settings: { parameters: { times: 'http' } }, key: 'parameters.times' },
    { what: 'a field that there is not', settings: { fields: { name: 'x' } }, key: 'fields' },
    { what: 'an unknown country', settings: { default_country: 'XX' }, key: 'default_country' },
    { what: 'no page at all', settings: { page_size: 0 }, key: 'page_size' },
    { what: 'an unknown setting', settings: { retention: '14d' }, key: 'retention' },
  ],
  fixtures: [
    { name: 'a record with every property', record: kept(fullRecording), optional: properties },
    {
      name: 'a record with ids only',
      record: kept(shortRecording),
      optional: { startTime: null, url: 'recording_url' },
    },
  ],
  window,
  pageParameters: /^pageToken$/,
  listings: ['/vapi/callRecordings'],
  start,
  waivers: {},
}
