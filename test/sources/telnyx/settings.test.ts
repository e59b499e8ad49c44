import { expect, test } from 'vitest'
import { Secret } from '../../../src/domain/secret.ts'
import { telnyxSettings } from '../../../src/sources/telnyx/settings.ts'
import { openTelnyx } from '../../../src/sources/telnyx/source.ts'

const read = (settings: object = {}) =>
  telnyxSettings.parse({ api_key: new Secret('KEY0199-not-a-real-one'), start: '2026-01-01', ...settings })

const streamOf = (settings: object = {}) => {
  const [stream] = openTelnyx(read(settings), { connectionId: 'front-desk', folder: '/' }).streams
  if (stream === undefined) throw new Error('there is no stream')
  return stream
}

test('a key and a start are enough', () => {
  const { api_key, base_url, ...others } = read()
  expect(api_key.reveal()).toBe('KEY0199-not-a-real-one')
  expect(base_url.href).toBe('https://api.telnyx.com/v2')
  expect(others).toMatchObject({
    own_numbers: 'account',
    transcripts: true,
    call_events: false,
    requests_per_second: 5,
    max_response_bytes: 64_000_000,
    settling_delay: 300_000_000,
    max_window: 86_400_000_000,
  })
})

test('a stream is measured in microseconds', () => {
  expect(streamOf()).toMatchObject({
    kind: 'window',
    name: 'recordings',
    axis: 'created_at',
    proof: 'total',
    start: 1_767_225_600_000_000,
    settlingDelay: 300_000_000,
    maxWindow: 86_400_000_000,
    rereads: [
      { name: '1h', depth: 3_600_000_000, every: null },
      { name: '1d', depth: 86_400_000_000, every: 21_600_000_000 },
      { name: '30d', depth: 2_592_000_000_000, every: 604_800_000_000 },
    ],
  })
  expect(streamOf({ start: '2026-01-01T02:00:00+02:00', rereads: [] })).toMatchObject({
    start: 1_767_225_600_000_000,
    rereads: [],
  })
})
