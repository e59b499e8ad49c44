import { describe, expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { callsConfig, createCliCase, ended } from '../support/cli-case.ts'
import { createTelnyxCase, day, hour } from '../support/telnyx-case.ts'

const january = ['--from', '2026-01-01', '--to', '2026-02-01']

describe.each(['backfill', 'verify'])('%s', (command) => {
  test('refuses dump files, which have no windows', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const refused = {
      code: 2,
      log: [`connection calls reads dump files: they have no windows to ${command}; reelhouse sync loads them`],
    }
    expect(ended(await place.reelhouse([command, 'calls', ...january]))).toEqual(refused)
    expect(ended(await place.reelhouse([command, ...january]))).toEqual(refused)
    expect(await place.rows('select from reelhouse.runs')).toEqual([])
  })

  test('without names reads the platforms and leaves dump files alone; by name they are refused', async () => {
    const dumps = '  - { id: dumps, source: files, paths: [../none/*.csv], shape: travtus }\n'
    const place = await createTelnyxCase({ more: dumps })
    const range = ['--from', formatInstant(place.began - 2 * hour), '--to', formatInstant(place.began - hour)]
    const { code, document } = await place.json([command, ...range])
    expect({ code, names: namesOf(document) }).toEqual({ code: 0, names: ['front-desk'] })
    expect(await place.json([command, 'front-desk', 'dumps', ...range])).toMatchObject({
      code: 2,
      log: [expect.stringMatching(/^connection dumps reads dump files/)],
    })
  })

  test.each([
    { what: 'no --to', args: ['--from', '2026-01-01'], says: "required option '--to <time>' not specified" },
    { what: 'no --from', args: ['--to', '2026-01-01'], says: "required option '--from <time>' not specified" },
    { what: 'a time without a zone', args: ['--from', '2026-01-01T10:00:00', '--to', '2026-01-02'], says: form },
    { what: 'a day that does not exist', args: ['--from', '2026-01-01', '--to', '2026-02-30'], says: form },
  ])('$what ends with 2 before anything is read', async ({ args, says }) => {
    const place = await createCliCase({ migrated: false })
    const { code, stdout, stderr } = await place.reelhouse([command, ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
  })

  test('a range that holds no time, or time that has not settled, is refused', async () => {
    const place = await createTelnyxCase()
    expect(await place.json([command, '--from', '2026-02-01', '--to', '2026-01-01'])).toEqual({
      code: 2,
      document: null,
      log: ['--from 2026-02-01T00:00:00Z is not before --to 2026-01-01T00:00:00Z'],
    })
    const tomorrow = formatInstant(place.began + day)
    const { code, log } = await place.json([command, '--from', '2026-02-01', '--to', tomorrow])
    expect({ code, log }).toEqual({
      code: 2,
      log: [
        expect.stringMatching(
          /^--to 20\S+Z is too late: what is there can be said until 20\S+Z \(now, less the settling/,
        ),
      ],
    })
    expect(place.requests()).toEqual({})
  })
})

const form = 'Write a day such as 2026-01-31 (its midnight in UTC), or an instant with its zone.'

const namesOf = (document: unknown): readonly unknown[] =>
  Object(document).connections.map(({ connection }: { readonly connection: string }) => connection)

describe('resolve', () => {
  test('--json prints the link, when it dies and what it plays', async () => {
    const place = await createTelnyxCase()
    const id = place.simulator.account.add({ created_at: formatInstant(place.began - hour) })
    expect(await place.json(['sync'])).toMatchObject({ code: 0 })
    expect(await place.json(['resolve', 'front-desk', id])).toEqual({
      code: 0,
      log: [],
      document: {
        url: expect.stringMatching(/^http:\/\/\S+X-Amz-Signature=\S+$/),
        expires_at: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        media_type: 'audio/mpeg',
      },
    })
  })

  test('of dump files has nothing to ask for', async () => {
    const place = await createCliCase({ config: callsConfig() })
    expect(ended(await place.reelhouse(['resolve', 'calls', 'a']))).toEqual({
      code: 2,
      log: ['connection calls: its source makes no links; the recording_url of the row is all there is'],
    })
  })
})
