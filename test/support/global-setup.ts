import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openEmbeddedWarehouse } from '../../src/warehouse/embedded.ts'
import { migrate } from '../../src/warehouse/migrations.ts'
import { openSession } from '../../src/warehouse/session.ts'

const builtProgram = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real Postgres, for the whole test run; its database `template_reelhouse` is migrated. */
    warehouseUrl: string
    /** The program that tests start. REELHOUSE_TEST_MAIN names another build or an installed package's. */
    program: string
  }
}

/** One embedded Postgres for the run. REELHOUSE_TEST_URL names another server instead (a superuser on it). */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const given = process.env.REELHOUSE_TEST_URL
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-test-'))
  const server = given === undefined ? await openEmbeddedWarehouse(join(folder, '.reelhouse')) : null
  const url = given ?? server?.url ?? ''
  if (server !== null) await hurry(url)
  await prepareTemplate(url)
  project.provide('warehouseUrl', url)
  project.provide('program', process.env.REELHOUSE_TEST_MAIN ?? builtProgram)
  return async () => {
    await server?.release()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The tests kill processes of ours, never this server: it need not survive a power cut. */
const hurry = async (url: string): Promise<void> => {
  const admin = await openSession(url, { purpose: 'test' })
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    await admin.client.query(`alter system set ${setting} = off`)
  }
  await admin.client.query('select pg_reload_conf()')
  await admin.close()
}

const prepareTemplate = async (url: string): Promise<void> => {
  const admin = await openSession(url, { purpose: 'test' })
  await admin.client.query('drop database if exists template_reelhouse with (force)')
  await admin.client.query('create database template_reelhouse')
  await admin.close()
  const template = await openSession(inDatabase(url, 'template_reelhouse'), { purpose: 'test' })
  await migrate(template)
  await template.close()
}

export const inDatabase = (url: string, database: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
