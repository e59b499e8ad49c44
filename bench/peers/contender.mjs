// What the bench asks of each tool: {
//   name, table                the table with the 14 columns that it fills
//   version()                  throws a reason when it is not installed
//   prepare({ url, folder })   before the first case, not timed
//   input(csv)                 the file it reads, made of the CSV beforehand and not timed; without it the CSV itself
//   command({ url, folder, input, again }) -> { command, env, stdin }
//   upserts                    false: only the first case
// }
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = fileURLToPath(new URL('../.peers/', import.meta.url))

/** A program below bench/.peers; throws why it is not there. */
export const installed = (name, path) => {
  const program = join(home, name, path)
  if (existsSync(program)) return program
  const failure = join(home, `${name}.failed`)
  const reason = existsSync(failure) && readFileSync(failure, 'utf8').trim().split('\n').at(-1)
  throw new Error(`${reason || 'not installed'} (bash bench/peers/install.sh ${name})`)
}

/** The first thing that looks like a version in what the command prints. */
export const versionOf = (command, ...args) => {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...quiet } })
  const found = `${stdout}${stderr}`.match(/\d+\.\d+(\.\d+)?/)
  if (error || !found) throw error ?? new Error(`${command} says no version`)
  return found[0]
}

/** No tool calls home from the bench. */
export const quiet = {
  RUNTIME__DLTHUB_TELEMETRY: 'false',
  SLING_DISABLE_TELEMETRY: 'true',
  INGESTR_DISABLE_TELEMETRY: 'true',
  DO_NOT_TRACK: '1',
}
