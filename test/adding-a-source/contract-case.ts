import type { ContractAccount, ContractCase } from '../contract/contract-case.ts'
import { startHearsaySimulator } from './simulator.ts'

const apiKey = 'hearsay-contract-not-a-real-key-77aa'

const now = Date.UTC(2026, 6, 15) * 1000
const window = { from: now - 86_400_000_000, to: now }

const start = async ({ knowsKey }: { readonly knowsKey: boolean }): Promise<ContractAccount> => {
  const simulator = await startHearsaySimulator(knowsKey ? apiKey : 'of-somebody-else', () => now)
  return {
    settings: { base_url: simulator.baseUrl },
    requests: () => simulator.requests,
    fill: () => Array.from({ length: 350 }, (_, index) => simulator.add(window.from + index * 60_000_000)),
    repeatPages: () => {
      simulator.traps.repeatedPage = true
    },
    emptyMiddlePage: () => {
      simulator.traps.emptySecondPage = true
    },
    hang: () =>
      new Promise((arrived) => {
        simulator.traps.everyRequest = 'stalled'
        simulator.onRequest = arrived
      }),
    refuse: () => {
      simulator.traps.everyRequest = 'bad-request'
    },
    close: () => simulator.close(),
  }
}

/** As Hearsay's page shows a recording, without its link. */
const recording = {
  id: 'h-1',
  call: 'c-1',
  began: '2026-07-14T15:02:11Z',
  changed: '2026-07-14T15:04:00Z',
  state: 'done',
  way: 'in',
  caller: '+15125550123',
  called: '+15125550199',
  given_name: 'Ada',
  family_name: 'Marsh',
  seconds: 61.4,
  words: 'Is unit 4B still open?',
}

export const hearsay: ContractCase = {
  settings: { api_key: `\${HEARSAY_API_KEY}`, start: '2026-01-01', requests_per_second: 1000 },
  env: { HEARSAY_API_KEY: apiKey },
  credential: 'api_key',
  bad: [
    { what: 'a key written in the file', settings: { api_key: 'hearsay-key' }, key: 'api_key' },
    { what: 'no key', settings: { api_key: undefined }, key: 'api_key' },
    { what: 'no start', settings: { start: undefined }, key: 'start' },
    { what: 'an address in clear', settings: { base_url: 'http://api.hearsay.example/v1' }, key: 'base_url' },
    { what: 'no requests at all', settings: { requests_per_second: 0 }, key: 'requests_per_second' },
    { what: 'a re-read without depth', settings: { rereads: [{ every: 'run' }] }, key: 'depth' },
    { what: 'an unknown setting', settings: { apikey: 'x' }, key: 'apikey' },
  ],
  fixtures: [
    {
      name: 'a recording',
      record: recording,
      optional: {
        call: null,
        changed: null,
        way: 'message_direction',
        caller: 'phone_number',
        called: 'number_dialed_by_user',
        given_name: 'first_name',
        family_name: 'last_name',
        seconds: 'call_duration_in_sec',
        words: 'message_text',
      },
    },
  ],
  window,
  pageParameters: /^after$/,
  listings: ['/v1/recordings'],
  start,
  waivers: {},
}
