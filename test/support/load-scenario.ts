import { utimes } from 'node:fs/promises'
import { createWorkplace, type Workplace } from './cli.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** A load with everything that may go wrong in dumps: two connections, several files, batches of a few rows. */
export interface LoadScenario {
  readonly database: TestDatabase
  readonly workplace: Workplace
  close(): Promise<void>
}

export const config = `
# One after the other, so that faults hit the connection that they are meant for.
reading: { connections_at_a_time: 1 }
connections:
  - id: calls
    source: files
    records: payloads
    paths: [../dumps/calls-*.csv]
    version: { file_name: 'calls-(\\d+)\\.csv' }
    columns:
      conversation_id: chain
      message_id: id
      created_at: { column: began, zone: America/Chicago }
      call_duration_in_sec: seconds
      phone_number: caller
      number_dialed_by_user: called
      message_direction: direction
      message_text: text
  - id: chats
    source: files
    records: keys
    media: chat
    paths: [../dumps/chats-*.jsonl]
    columns: { message_id: id, created_at: at, message_text: text }
portfolios:
  rules:
    - { attribute: called_number, value: '+15125550100', portfolio_id: maple }
    - { attribute: called_number, value: '+15125550101', portfolio_id: oak }
`

const began = (n: number): string => `2026-0${1 + (n % 6)}-1${n % 9} 0${n % 10}:${String(n % 60).padStart(2, '0')}:00`

/** Ids recur within a file and in later files; every few lines one cannot be read, or says what an earlier one said. */
const callLine = (file: number, n: number): string => {
  const id = (n * 7 + file * 3) % 40
  if (n % 13 === 5) return `chain-${id},rec-${id},yesterday,60,,,inbound,no such time`
  if (n % 17 === 9) return `chain-${id},rec-${id},${began(n)},-3,,,inbound,negative`
  if (n % 19 === 11) return `chain-${id},rec-${id},too few cells`
  const text = n % 5 === 0 ? `said in ${file}` : `"said, ""${n}"" in ${file}"`
  return `chain-${id},rec-${id},${began(n)},${n},+1512555020${n % 10},+1512555010${n % 3},inbound,${text}`
}

const calls = (file: number, lines: number): string =>
  [
    'chain,id,began,seconds,caller,called,direction,text',
    ...Array.from({ length: lines }, (_, n) => callLine(file, n)),
    // A line that was exported twice, and a quote that is never closed.
    callLine(file, lines - 1),
    'chain-x,rec-x,2026-01-01 00:00:00,1,,,inbound,"never closed',
    '',
  ].join('\n')

const chats = (file: number, lines: number): string =>
  [
    ...Array.from({ length: lines }, (_, n) =>
      n % 11 === 4
        ? `{"id":"chat-${n}","at":`
        : JSON.stringify({
            id: `chat-${(n * 3 + file) % 25}`,
            at: `2026-03-01T00:00:${10 + n}Z`,
            text: `${file}.${n}`,
          }),
    ),
    '',
  ].join('\n')

/** The version of a file of calls is in its name: `calls-3` loads last and wins. */
const dumps: Readonly<Record<string, string>> = {
  'calls-1.csv': calls(1, 28),
  'calls-2.csv': calls(2, 33),
  'calls-3.csv': calls(3, 25),
  'chats-a.jsonl': chats(0, 24),
  'chats-b.jsonl': chats(1, 27),
}

/** Files as if they had lain there for a day: known by their marks from the first look on. */
export const writeDumps = async (workplace: Workplace, files: Readonly<Record<string, string>>): Promise<void> => {
  const day = Date.UTC(2026, 6, 1) / 1000
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    await utimes(await workplace.write(`dumps/${name}`, content), day + index, day + index)
  }
}

/** Batches of ten rows, unless a test says otherwise. */
export const smallBatches = { REELHOUSE_BATCH_ROWS: '10' }

/** `template`: the database of a scenario in which something has happened already. */
export const createLoadScenario = async (files = dumps, template?: string): Promise<LoadScenario> => {
  const database = await createTestDatabase(template)
  const workplace = await createWorkplace(database.url)
  await workplace.write('config/reelhouse.yaml', config)
  await writeDumps(workplace, files)
  return {
    database,
    workplace,
    close: async () => {
      await database.drop().finally(() => workplace.remove())
    },
  }
}

/** Larger files, for tests that need time to intervene: `lines` each, ids unique. */
export const longDumps = (files: number, lines: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: files }, (_, file) => [
      `calls-${file}.csv`,
      [
        'chain,id,began,seconds,caller,called,direction,text',
        ...Array.from(
          { length: lines },
          (_, n) => `c,rec-${file}-${n},${began(n)},${n},,+15125550100,inbound,text ${n}`,
        ),
        '',
      ].join('\n'),
    ]),
  )
