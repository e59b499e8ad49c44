import { expect, test } from 'vitest'
import { serverSettings } from '../../src/warehouse/embedded-settings.ts'

const buffersOf = (gigabytes: number): string | undefined =>
  /shared_buffers=(\S+)/.exec(serverSettings(5432, gigabytes * 2 ** 30))?.[1]

test('pages get an eighth of the memory, within what is always and what is ever needed', () => {
  expect([0.5, 2, 4, 16, 64].map(buffersOf)).toEqual(['128MB', '256MB', '512MB', '2048MB', '2048MB'])
})

test('it listens on this machine only, whatever its configuration file says', () => {
  expect(serverSettings(25_001)).toContain("-p 25001 -c listen_addresses=127.0.0.1 -c unix_socket_directories=''")
})
