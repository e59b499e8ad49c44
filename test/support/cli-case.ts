import { afterEach, expect } from 'vitest'
import { type CliResult, createWorkplace, type Workplace } from './cli.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** An operator's folder and warehouse. */
export interface CliCase extends Workplace {
  readonly database: TestDatabase
  rows: TestDatabase['rows']
  /** Runs a command with --json; its document, its exit code and the messages of its log that are worse than a note. */
  json(
    args: readonly string[],
  ): Promise<{ readonly code: number | null; readonly document: unknown; readonly log: readonly string[] }>
}

export interface CaseFiles {
  readonly config?: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** A database without our schema. */
  readonly migrated?: boolean
  /** For every command. */
  readonly env?: Readonly<Record<string, string>>
}

const opened: { close(): Promise<void> }[] = []

/** Removed after the test. */
export const createCliCase = async ({
  config,
  files = {},
  migrated = true,
  env = {},
}: CaseFiles = {}): Promise<CliCase> => {
  const database = await createTestDatabase(migrated ? undefined : null)
  const workplace = await createWorkplace(database.url, env)
  opened.push({
    close: async () => {
      await database.drop().finally(() => workplace.remove())
    },
  })
  if (config !== undefined) await workplace.write('config/reelhouse.yaml', config)
  for (const [name, content] of Object.entries(files)) await workplace.write(name, content)
  return {
    ...workplace,
    database,
    rows: database.rows,
    json: async (args) => {
      const { code, stdout, stderr } = await workplace.reelhouse([...args, '--json'])
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: logged(stderr) }
    },
  }
}

afterEach(async () => {
  for (const { close } of opened.splice(0)) await close()
})

/** Messages of the log that are worse than a note. Fails when a line is no JSON document with level, time and message. */
export const logged = (stderr: string): readonly string[] => {
  expect(stderr === '' || stderr.endsWith('\n')).toBe(true)
  const lines: unknown[] = stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
  return lines.flatMap((line) => {
    expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), msg: expect.any(String) })
    const { level, msg } = Object(line)
    return level === 'info' ? [] : [String(msg)]
  })
}

/** What most tests care about. */
export const ended = ({ code, stderr }: CliResult) => ({ code, log: logged(stderr) })

/** The connection `calls`: columns id, began, seconds, caller, called, direction, text; times of Chicago. */
export const callsConfig = (more = ''): string => `
connections:
  - id: calls
    source: files
    paths: [../dumps/*]
    version: none
    columns:
      message_id: id
      created_at: { column: began, zone: America/Chicago }
      call_duration_in_sec: seconds
      phone_number: caller
      number_dialed_by_user: called
      message_direction: direction
      message_text: text
${more}`

export const header = 'id,began,seconds,caller,called,direction,text'

export const csv = (...lines: readonly string[]): string => `${[header, ...lines].join('\n')}\n`
