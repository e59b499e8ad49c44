import { expect, test } from 'vitest'
import type { TelnyxFault } from '../../src/simulator/telnyx/traps.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { apiKey, createTelnyxCase, day, hour, type TelnyxCase } from '../support/telnyx-case.ts'

const wrongKey = 'KEY0199-a-wrong-one-77aa41'

/** What must be nowhere: the keys as they are sent and encoded, and what signs a link. */
const forms = [
  ...[apiKey, wrongKey].flatMap((key) => [key, Buffer.from(key).toString('base64').slice(0, -4), key.toLowerCase()]),
  'X-Amz-Signature=',
  'X-Amz-Credential=',
]

/** Every row of every table and view. */
const everythingStored = async ({ rows }: TelnyxCase): Promise<string> => {
  const tables = await rows<{ readonly name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'reelhouse'",
  )
  expect(tables.length).toBeGreaterThan(15)
  const contents: unknown[] = []
  for (const { name } of tables) contents.push(await rows(`select * from reelhouse.${name}`))
  return JSON.stringify(contents)
}

const faults: readonly (TelnyxFault | null)[] = [
  null,
  'html',
  'truncated',
  'server-error',
  'redirect',
  'code-10011',
  'reset',
]

test('no key and no signed link is printed, logged or stored, whether it works or fails', async () => {
  const place = await createTelnyxCase({ settings: '    rereads: [{ depth: 10d, every: run }]' })
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 80 })
  // An account that holds the key itself, where a person pasted it.
  const pasted = account.add({ created_at: formatInstant(place.began - hour), from: apiKey, status: 'completed' })
  account.transcribe(pasted, { status: 'completed', transcription_text: `my key is ${apiKey}, keep it` })
  account.add({
    created_at: formatInstant(place.began - hour),
    recording_started_at: `${apiKey} https://s3.example.test/a.mp3?X-Amz-Signature=0123456789abcdef`,
  })
  const range = ['--from', formatInstant(place.began - 2 * day), '--to', formatInstant(place.began - hour)]
  const commands = [
    ['check'],
    ['sync', '--log-level', 'debug'],
    ['sync', '--json', '--force'],
    ['backfill', ...range, '--again'],
    ['verify', ...range, '--ids'],
    ['replay'],
    ['status'],
    ['rejects', '--payload'],
  ]
  const shown: string[] = []
  const run = async (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<void> => {
    const { stdout, stderr } = await place.reelhouse(args, env)
    shown.push(...forms.filter((form) => `${stdout}${stderr}`.includes(form)).map((form) => `${args[0]}: ${form}`))
  }
  for (const args of commands) await run(args)
  for (const fault of faults) {
    place.simulator.traps = { ...place.simulator.traps, everyRequest: fault }
    await run(['sync'], fault === null ? { TELNYX_API_KEY: wrongKey } : {})
    await run(['resolve', 'front-desk', 'no-such-row'])
  }
  expect(shown).toEqual([])
  const stored = await everythingStored(place)
  expect(forms.filter((form) => stored.includes(form))).toEqual([])
  expect(stored).toContain('keep it')
  const [run1] = await place.rows("select count(*)::integer as failed from reelhouse.runs where state = 'failed'")
  expect(run1).toEqual({ failed: faults.length })
}, 240_000)
