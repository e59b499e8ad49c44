import { pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Reporter } from '../pipeline/reporter.ts'
import type { ProgressBar } from './progress-bar.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogOptions {
  /** Every line passes it: no secret or signed query string leaves the process. */
  readonly redact: (text: string) => string
  readonly level: LogLevel
  /** A person reads it: pretty lines; otherwise one JSON document a line. */
  readonly pretty: boolean
  /** Null where nobody watches. */
  readonly progressBar: ProgressBar | null
  readonly write: (text: string) => void
}

export interface Log extends Reporter {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

export const createLog = (options: LogOptions): Log => {
  const { progressBar, redact } = options
  const format = prettyFactory({ ignore: 'pid,hostname', colorize: options.pretty })
  const write = (line: string): void => {
    const text = redact(options.pretty ? format(line) : line)
    if (progressBar?.above(text) !== true) options.write(text)
  }
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = pino(settings, { write })
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    progress: (progress) => progressBar?.file(progress),
    windowProgress: (progress) => progressBar?.windows(progress),
  }
}
