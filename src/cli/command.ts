import { randomUUID } from 'node:crypto'
import type { Config, ConnectionConfig } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { ConfigError } from '../domain/errors.ts'
import { createRedactor } from '../domain/redact.ts'
import { secretsOfUrl } from '../domain/secret.ts'
import type { StepObserver } from '../domain/step.ts'
import { sources } from '../sources/registry.ts'
import { type ExitName, exitCodes, exitOfError } from '../terminal/exit-code.ts'
import { createLog, type Log, type LogLevel } from '../terminal/log.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { openEmbeddedWarehouse } from '../warehouse/embedded.ts'
import { openSession, type Session } from '../warehouse/session.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'
import { batchRows } from './batch-rows.ts'
import { faultPoint } from './fault-point.ts'
import { exitOfSignal, watchSignals } from './signals.ts'
import { requireVerification } from './verification.ts'

/** Options that every command has. */
export interface CommonOptions {
  readonly config: readonly string[]
  readonly logLevel: LogLevel
  readonly json?: boolean
}

export interface RunSettings {
  /** What the configuration's references are resolved with; absent = the environment of the process. */
  readonly env?: NodeJS.ProcessEnv
  /** What the command does at a signal, for its log; absent = what signals.ts says. */
  readonly stopping?: string
}

/** What a command works with. Everything it opens is closed when it ends. */
export interface Command {
  readonly config: Config
  readonly log: Log
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** The same for all runs of this command line. */
  readonly invocationId: string
  /** What every text passes that leaves the process, into a table too. */
  readonly redact: (text: string) => string
  readonly holdsSecret: (bytes: Buffer) => boolean
  /** Told of every step of a load; see fault-point.ts. */
  readonly reached: StepObserver
  /** See batch-rows.ts. */
  readonly batchRows: number | undefined
  /** Joins the warehouse, starting the embedded one if there is no other. */
  warehouseUrl(): Promise<string>
  /** `statementTimeout`: milliseconds, 0 = none; absent = as configured. */
  openSession(purpose: string, options?: { readonly statementTimeout: number | null }): Promise<Session>
  /** The result, on stdout: the document with --json, otherwise the text. */
  print(document: unknown, text: string): void
  /** The same, not redacted: for a command whose result is the secret that was asked for. */
  printPlain(document: unknown, text: string): void
}

/** Runs a command from its configuration to its exit. What it throws becomes one log line and an exit code. */
export const runCommand = async (
  options: CommonOptions,
  work: (command: Command) => Promise<ExitName>,
  { env = process.env, stopping }: RunSettings = {},
): Promise<ExitName> => {
  const interactive = process.stderr.isTTY === true
  const progressBar = interactive && options.logLevel !== 'silent' ? new ProgressBar(process.stderr) : null
  const redaction = new Redaction()
  const log = createLog({
    redact: redaction.apply,
    level: options.logLevel,
    pretty: interactive,
    progressBar,
    write: (text) => process.stderr.write(text),
  })
  const signals = watchSignals(log, () => progressBar?.stop(), stopping)
  const stopWatching = watchDefects(log)
  const closers: (() => Promise<void>)[] = []
  try {
    requireVerification(process.env)
    const config = await readConfig(options, env)
    redaction.add(config.secrets.map((secret) => secret.reveal()))
    const print = (output: string): void => {
      progressBar?.stop()
      process.stdout.write(output)
    }
    return await work(openCommand(config, { ...options, print }, log, redaction, signals.signal, closers))
  } catch (thrown) {
    progressBar?.stop()
    if (signals.signal.aborted && thrown === signals.signal.reason) return exitOfSignal(signals.signal)
    const error = warehouseError(thrown)
    logFailure(log, error)
    return exitOfError(error)
  } finally {
    for (const close of closers.reverse()) await close()
    progressBar?.stop()
    signals.stop()
    stopWatching()
  }
}

/** What nobody awaits must neither go unseen nor show a secret; warnings of Node and its libraries are log lines, too. */
const watchDefects = (log: Log): (() => void) => {
  const onDefect = (error: unknown): void => {
    logFailure(log, error)
    process.exit(exitCodes.defect.code)
  }
  const onWarning = (warning: Error): void => log.warn(warning.message)
  process.removeAllListeners('warning')
  process.on('uncaughtException', onDefect)
  process.on('warning', onWarning)
  return () => {
    process.off('uncaughtException', onDefect)
    process.off('warning', onWarning)
  }
}

const readConfig = (options: CommonOptions, env: NodeJS.ProcessEnv): Promise<Config> =>
  loadConfig({ paths: options.config, env, settingsBySource: sources })

const openCommand = (
  config: Config,
  options: CommonOptions & { print(output: string): void },
  log: Log,
  redaction: Redaction,
  signal: AbortSignal,
  closers: (() => Promise<void>)[],
): Command => {
  let url: Promise<string> | undefined
  const joinWarehouse = async (): Promise<string> => {
    const { warehouse } = config
    if (warehouse.kind === 'external') {
      redaction.add(secretsOfUrl(warehouse.url.reveal()).map((secret) => secret.reveal()))
      return warehouse.url.reveal()
    }
    const embedded = await openEmbeddedWarehouse(warehouse.directory, { onNotice: (message) => log.info(message) })
    redaction.add(secretsOfUrl(embedded.url).map((secret) => secret.reveal()))
    closers.push(() => embedded.release())
    return embedded.url
  }
  const warehouseUrl = () => (url ??= joinWarehouse())
  const output = (document: unknown, text: string): string =>
    options.json === true ? `${JSON.stringify(document, null, 2)}\n` : text
  return {
    config,
    log,
    signal,
    invocationId: randomUUID(),
    redact: redaction.apply,
    holdsSecret: redaction.holdsSecret,
    reached: faultPoint(process.env.REELHOUSE_FAULT),
    batchRows: batchRows(process.env.REELHOUSE_BATCH_ROWS),
    warehouseUrl,
    openSession: async (purpose, { statementTimeout } = { statementTimeout: config.statementTimeoutMs }) => {
      const session = await openSession(await warehouseUrl(), {
        purpose,
        statementTimeout,
      })
      closers.push(() => session.close())
      return session
    },
    print: (document, text) => options.print(redaction.apply(output(document, text))),
    printPlain: (document, text) => options.print(output(document, text)),
  }
}

/** Grows as secrets become known: the log exists before the configuration is read. */
class Redaction {
  #secrets: readonly string[] = []
  #redact = createRedactor([])

  add(secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets]
    this.#redact = createRedactor(this.#secrets)
  }

  readonly apply = (text: string): string => this.#redact(text)

  readonly holdsSecret = (bytes: Buffer): boolean => this.#redact.holdsSecret(bytes)
}

export const logFailure = (log: Log, error: unknown): void => {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) log.error(problem)
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  if (exitOfError(error) !== 'defect') log.error(message)
  else {
    const stack = error instanceof Error ? error.stack : undefined
    log.error(`this is a defect of reelhouse, please report it: ${message}`, { stack })
  }
}

/** The connections a command line names; all when it names none. Throws ConfigError for names that are not configured. */
export const chosenConnections = (config: Config, ids: readonly string[]): readonly ConnectionConfig[] => {
  const unknown = ids.filter((id) => !config.connections.some((connection) => connection.id === id))
  if (unknown.length > 0) {
    const known = config.connections.map((connection) => connection.id).join(', ') || 'none'
    throw new ConfigError(unknown.map((id) => `no connection is called ${id}; configured: ${known}`))
  }
  if (config.connections.length === 0) {
    throw new ConfigError(['no connection is configured; see config/examples for what to write'])
  }
  return ids.length === 0 ? config.connections : config.connections.filter((connection) => ids.includes(connection.id))
}
