import { randomInt } from 'node:crypto'
import { chown, open, rename, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseRunAs } from './embedded-account.ts'
import type { EmbeddedBinaries } from './embedded-binaries.ts'
import { checkData, isErrno, readPort, type WarehouseFiles } from './embedded-files.ts'
import { initData } from './embedded-initdb.ts'
import { readPostmaster } from './embedded-postmaster.ts'
import { type Account, runProgram } from './embedded-program.ts'
import { serverSettings } from './embedded-settings.ts'

const startSeconds = 30
const logLimitBytes = 10_000_000

/**
 * Tries to start the server, creating the data directory when there is none. Failing is ordinary: of two commands at once
 * one loses and finds the other's server. The caller looks again.
 *
 * @returns null, or what Postgres said when this attempt did not start it
 * @throws ConfigError when no attempt can work
 */
export const startServer = async (files: WarehouseFiles, binaries: EmbeddedBinaries): Promise<string | null> => {
  const as = await chooseRunAs(files, binaries)
  if (!(await checkData(files, binaries))) {
    await initData(files, binaries, as)
    // A root without its usual rights cannot read what it gave away, and would start what it cannot find again.
    await checkData(files, binaries)
  }
  const port = await choosePort(files)
  const logged = await openLog(files, as.account)
  const args = [
    'start',
    '--silent',
    '-w',
    '-t',
    String(startSeconds),
    '-D',
    files.data,
    '-l',
    files.log,
    '-o',
    serverSettings(port),
  ]
  const pgCtl = await runProgram(as, binaries.pgCtl, args, (startSeconds + 10) * 1000)
  if (!pgCtl.ok) return (await loggedFailure(files, logged)) || pgCtl.output
  return null
}

/**
 * Stops the postmaster: sessions are ended, transactions rolled back, a checkpoint written (SIGINT, as pg_ctl -m fast).
 * Not by pg_ctl, which reads the pid anew while it waits and would wait for, or hit, a server that the next command started.
 *
 * @returns whether it is gone; it may still be busy writing
 */
export const stopServer = async (files: WarehouseFiles, pid: number, timeoutMs: number): Promise<boolean> => {
  try {
    process.kill(pid, 'SIGINT')
  } catch (error) {
    return isErrno(error, 'ESRCH')
  }
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
    const postmaster = await readPostmaster(files)
    if (postmaster.kind !== 'running' || postmaster.pid !== pid) return true
  }
  return false
}

/** Last time's port; else one below the ranges from which systems draw the ports of outgoing connections. */
const choosePort = async (files: WarehouseFiles): Promise<number> => {
  const last = await readPort(files)
  if (last !== null && (await boundPort(last)) !== null) return last
  for (let tries = 0; tries < 20; tries++) {
    const port = await boundPort(randomInt(20_000, 30_000))
    if (port !== null) return port
  }
  return (await boundPort(0)) ?? 5432
}

const boundPort = (port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })

/** @returns the length of the log before this start; the log of long ago is kept once, as `postgres.log.1` */
const openLog = async (files: WarehouseFiles, account: Account | null): Promise<number> => {
  const before = await stat(files.log).catch(() => null)
  if (before !== null && before.size > logLimitBytes) {
    await rename(files.log, `${files.log}.1`).catch(() => undefined)
  }
  const file = await open(files.log, 'a', 0o600)
  try {
    if (account !== null) await chown(files.log, account.uid, account.gid)
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}

/** Why the server did not start. Only these lines: others may quote statements. */
const loggedFailure = async (files: WarehouseFiles, from: number): Promise<string> => {
  const file = await open(files.log, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, from)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return lines
      .filter((line) => /\b(?:FATAL|PANIC|HINT):/.test(line))
      .slice(-4)
      .join('\n')
  } finally {
    await file.close()
  }
}
