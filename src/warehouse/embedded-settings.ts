import { totalmem } from 'node:os'
import process from 'node:process'

const megabyte = 1_048_576

/** Postgres's own default, and what holds the indexes of ten million rows, at 130 MB a million. */
const leastBuffers = 128
const mostBuffers = 2048

/** Of the machine, or of the container when it has a limit. */
const memoryBytes = (): number => {
  const limit = process.constrainedMemory?.() ?? 0
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/**
 * Settings of the embedded server that are not Postgres's defaults, as arguments of `postgres`; given on the command line, so
 * that they hold whatever postgresql.conf says.
 *
 * It listens on this machine only. It lies on an SSD: with the default cost, for disks that turn, analysts' questions of a
 * month read all rows (decision 0043). An eighth of the memory holds pages, 128 MB to 2 GB, and checkpoints come after 4 GB
 * of WAL: keys are random, so that every row that is loaded touches another page of their index (decision 0058).
 */
export const serverSettings = (port: number, memory = memoryBytes()): string => {
  const buffers = Math.min(mostBuffers, Math.max(leastBuffers, Math.floor(memory / 8 / megabyte)))
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: "''",
    random_page_cost: '1.1',
    shared_buffers: `${buffers}MB`,
    max_wal_size: '4GB',
  }
  const given = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return [`-p ${port}`, ...given].join(' ')
}
