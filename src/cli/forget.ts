import type { Command as Program } from 'commander'
import type { Config } from '../config/config.ts'
import { ConfigError, LockHeldError } from '../domain/errors.ts'
import type { IdentifierKind } from '../domain/forgotten.ts'
import { findConnection } from '../load/connections.ts'
import { type Erased, erasePerson, type Forgetting } from '../load/forget.ts'
import { type ForgetPlan, planForget } from '../load/forget-plan.ts'
import { type ForgetRequest, forgottenAt, publishRequest } from '../load/forget-requests.ts'
import { Forgotten } from '../load/forgotten.ts'
import { type HeldLock, takeLock } from '../load/locks.ts'
import { told } from '../load/told.ts'
import { vacuumErased } from '../load/vacuum.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { createDigestKey } from '../transform/digest-key.ts'
import type { Session } from '../warehouse/session.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { openForReading } from './connections.ts'
import { type NamedBy, readAnswer, readIdentifier } from './forget-identifier.ts'
import { erasedText, planText, reachLines } from './forget-text.ts'
import { refuseOwn } from './refuse-own.ts'

interface ForgetOptions extends CommonOptions, NamedBy {
  readonly connection?: string
  readonly plan?: boolean
  readonly yes?: boolean
  readonly isPerson?: boolean
  readonly vacuum?: boolean
}

const description = `Erases a person: rows, the records that they were made of with all their rows, payloads, quarantine, and what is waited
for. Keeps keyed digests only (privacy.secret), so that no later read, replay or backfill of what began before now brings
them back; later calls load. Shows what it will erase, and asks. See docs/privacy.md.`

const examples = `
Examples:
  reelhouse forget --phone +15125550142 --plan
  echo '+15125550142' | reelhouse forget --phone - --yes   # leaves no trace in the shell's history
  reelhouse forget --email jo@example.test --connection front-desk`

export const addForget = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('forget')
    .summary('erase a person, and keep them out')
    .description(description)
    .option('--phone <number>', "a customer's number, in E.164; - reads it from stdin")
    .option('--email <address>', 'an email address; - reads it from stdin')
    .option('--conversation <id>', 'the conversation_id of rows; - reads it from stdin')
    .option('--connection <id>', 'only in the rows of this connection (default: all)')
    .option('--plan', 'show what is stored and what is out of reach; erase nothing')
    .option('--yes', 'do not ask')
    .option('--is-person', 'it is a person, though in most rows it is on our side')
    .option('--vacuum', 'vacuum the tables afterwards')
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', examples)
    .action(async (options: ForgetOptions, self: Program) => {
      // What was given stands in the list of processes otherwise, for everybody on this machine.
      process.title = 'reelhouse forget'
      const all: ForgetOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => forget(command, all), { stopping: 'stopping before anything is erased' }))
    })
}

const forget = async (command: Command, options: ForgetOptions): Promise<ExitName> => {
  const { config } = command
  const keys = config.privacy.secrets.map(createDigestKey)
  const [key] = keys
  if (key === undefined) {
    throw new ConfigError([
      'privacy.secret is not set: nobody can be forgotten without it (openssl rand -hex 32; keep it for ever)',
    ])
  }
  const identifier = await readIdentifier(options, config.portfolios.defaultCountry)
  const { lockSession } = await openForReading(command)
  const session = await command.openSession('forget', { statementTimeout: 0 })
  // A secret that was changed is noticed before digests of both stand side by side.
  await told('a look at whom it forgot', () => new Forgotten(keys).refresh(session))()
  const person = { ...identifier, connectionKey: await rowsKeyOf(session, config, options.connection ?? null) }
  await refuseOwn(config, session, person, options.isPerson === true)
  const rowsOf = Object.fromEntries(config.connections.map(({ id, into }) => [id, into ?? id]))
  const before = await forgottenAt(session, keys, person)
  const plan = await told('the search for a person', () => planForget(session, person, rowsOf))()
  const about: About = { kind: person.kind, connection: options.connection ?? null, plan, before }
  if (options.plan === true) return tell(command, about, null)
  if (options.yes !== true && !(await agreed(about))) return tell(command, about, null)
  command.signal.throwIfAborted()
  const { files, sent } = plan.outOfReach
  // What leads to them is erased, too: one that is killed behind its commit has told of them.
  if (options.yes === true && (files.length > 0 || sent.length > 0))
    command.log.info('erasing; out of reach stay', { files, sent })
  const forgetting = { key, person, rowsOf, reached: command.reached }
  const deliveries = await keepDeliveriesAway(command, lockSession)
  const result = await told('the erasing of a person', () => erase(command, session, forgetting))()
  await deliveries.release()
  if (options.vacuum === true) await told('a vacuum', () => vacuumErased(session))()
  return tell(command, about, result)
}

/** The connection that has the rows, by its key; null = all. */
const rowsKeyOf = async (session: Session, config: Config, id: string | null): Promise<number | null> => {
  if (id === null) return null
  const rowsOf = config.connections.find((connection) => connection.id === id)?.into ?? id
  const found = await findConnection(session, rowsOf)
  if (found !== undefined) return found.connection_key
  throw new ConfigError([`--connection: the warehouse has nothing of a connection ${rowsOf}; nothing was erased`])
}

/** What is told of a person, without naming them. */
interface About {
  readonly kind: IdentifierKind
  readonly connection: string | null
  readonly plan: ForgetPlan
  /** When they were forgotten before; null = never. */
  readonly before: string | null
}

interface Result {
  readonly erased: Erased
  readonly request: ForgetRequest
}

/** The answer of somebody who was shown, on stderr, what will be erased. Throws ConfigError when nobody is there to ask. */
const agreed = async ({ kind, connection, plan }: About): Promise<boolean> => {
  if (process.stdin.isTTY !== true) {
    throw new ConfigError(['nobody is there to be asked: look with --plan, then add --yes; nothing was erased'])
  }
  process.stderr.write(planText(kind, connection, plan))
  return (await readAnswer('Erase it for good? (yes/no) ')).toLowerCase() === 'yes'
}

/** A delivery that has read rows notes them as sent later, when they are erased already. */
const keepDeliveriesAway = async ({ signal }: Command, lockSession: Session): Promise<HeldLock> => {
  const lock = await takeLock(lockSession, { name: 'export', key: 0, patience: 600_000, signal })
  if (lock !== null) return lock
  throw new LockHeldError('an export has been running for more than 600 s; nothing was erased; run the command again')
}

/** First keeps out, then erases: what a batch brings in between is erased, too. */
const erase = async (command: Command, session: Session, forgetting: Forgetting): Promise<Result> => {
  const { key, person } = forgetting
  const request = await publishRequest(session, key, person, command.invocationId)
  await command.reached('forget-published')
  const erased = await erasePerson(session, forgetting, request)
  await command.reached('forget-erased')
  return { erased, request }
}

const tell = (command: Command, about: About, result: Result | null): ExitName => {
  const { kind, connection, plan, before } = about
  const nothing = plan.stored.length === 0 && !hasErased(result)
  const document = {
    kind,
    connection,
    forgotten_before: before,
    stored: plan.stored,
    out_of_reach: { ...plan.outOfReach, always: reachLines({ files: [], platforms: [], mentions: [], sent: [] }) },
    erased: result?.erased ?? null,
    cut_off: result?.request.cutOff ?? null,
  }
  const again = before === null ? '' : `Forgotten before, last at ${before}.\n`
  const done = result === null ? 'Nothing was erased.\n' : erasedText(result.erased, result.request.cutOff)
  command.print(document, `${planText(kind, connection, plan)}${again}\n${done}`)
  return nothing && before === null ? 'failed' : 'ok'
}

const hasErased = (result: Result | null): boolean =>
  result !== null && Object.values(result.erased).some((count) => count > 0)
