import { loadConfig } from '../../src/config/load-config.ts'
import type { EpochMicros } from '../../src/domain/instant.ts'
import { ConfiguredSource } from '../../src/sources/configured-source.ts'
import { sources } from '../../src/sources/registry.ts'
import type { ApiSource } from '../../src/sources/source.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { writeFiles } from '../config/config-folder.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { beginning, type Clock, day, takeClock } from './clock.ts'
import { type FaultProxy, startFaultProxy } from './http-faults.ts'
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.ts'
import { prepareServerErrors } from './server-errors.ts'
import type { Vendor } from './vendor.ts'

/** Where the data of every connection begins. */
export const start: EpochMicros = beginning - 3 * day

export const connectionId = 'front-desk'

/** What the schedules of one vendor share: making it is slow. */
export interface Bench {
  readonly vendor: Vendor
  readonly database: TestDatabase
  readonly postgres: PostgresProxy
  readonly http: FaultProxy
  readonly clock: Clock
  /** As a process opens it. `maxWindow`: hours. */
  open(maxWindow: number): Promise<ApiSource>
  /** Takes everything back that a schedule left. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Of a request that is tried six times; a longer wait that a vendor asks for ends the run. */
const retry = { firstDelayMs: 1, tellAboveMs: 20, longestWaitMs: 50, totalWaitMs: 200 }

const configure = async (vendor: Vendor, origin: string, maxWindow: number): Promise<ConfiguredSource> => {
  const connection = { id: connectionId, source: vendor.name, start: formatInstant(start), max_window: `${maxWindow}h` }
  const text = JSON.stringify({ connections: [{ ...connection, ...vendor.settings(origin) }] })
  const cwd = await writeFiles({ 'config/reelhouse.yaml': text })
  const config = await loadConfig({ paths: ['config'], cwd, env: vendor.env, settingsBySource: sources })
  const settings = config.connections[0]?.settings
  if (settings instanceof ConfiguredSource) return settings
  throw new Error('the settings are no source')
}

const emptied = `
  truncate reelhouse.call_recordings, reelhouse.source_records, reelhouse.rejected_records, reelhouse.follow_ups,
    reelhouse.windows, reelhouse.coverage, reelhouse.runs, reelhouse.loaded_files, reelhouse.seen_files, reelhouse.connections
    restart identity cascade`

export const openBench = async (vendor: Vendor): Promise<Bench> => {
  const database = await createTestDatabase()
  await prepareServerErrors(database)
  const postgres = await startPostgresProxy(database.url)
  const http = await startFaultProxy()
  const clock = takeClock()
  const configured = new Map<number, Promise<ConfiguredSource>>()
  return {
    vendor,
    database,
    postgres,
    http,
    clock,
    open: async (maxWindow) => {
      const settings = configured.get(maxWindow) ?? configure(vendor, http.origin, maxWindow)
      configured.set(maxWindow, settings)
      const source = (await settings).open({ connectionId, folder: '/', retry })
      if (source.kind !== 'api') throw new Error(`${vendor.name} is no API`)
      return source
    },
    clear: async () => {
      clock.restart()
      await database.rows(emptied)
    },
    close: async () => {
      clock.release()
      await http.close()
      await postgres.close()
      await database.drop()
    },
  }
}
