import { expect, onTestFinished, test } from 'vitest'
import { createWorkplace } from '../support/cli.ts'
import { logged } from '../support/cli-case.ts'

const openPlace = async () => {
  const place = await createWorkplace(null)
  onTestFinished(() => place.remove())
  return place
}

const platforms = ['telnyx', 'voipbin', 'genesys', 'vapi', 'dotdo']
const dumps = ['leasing-line', 'answering-service', 'history']

interface Run {
  readonly connection: string
  readonly state: string
  readonly records: Readonly<Record<string, number>>
  readonly rows: Readonly<Record<string, number>>
  readonly tallies: Readonly<Record<string, number>>
}

const runsOf = (document: unknown): readonly Run[] => Object(document).connections

test('the demo loads five platforms and three dumps, writes nothing twice, and finds what happens meanwhile', async () => {
  const place = await openPlace()
  const { code, stdout, stderr } = await place.reelhouse(['demo', '--json'])
  expect({ code, log: logged(stderr) }).toEqual({ code: 0, log: [] })
  const { first, again, later, waiting, rejects } = JSON.parse(stdout)

  expect(runsOf(first).map(({ connection, state }) => `${connection} ${state}`)).toEqual(
    [...platforms, ...dumps].map((connection) => `${connection} succeeded`),
  )
  for (const { connection, rows, records } of runsOf(first)) {
    expect({ connection, inserted: rows.inserted }).toEqual({ connection, inserted: expect.any(Number) })
    expect(rows.inserted).toBeGreaterThanOrEqual(20)
    if (platforms.includes(connection))
      expect({ connection, ...records }).toMatchObject({ rejected: 1, pending: expect.any(Number) })
  }
  for (const { connection, rows } of runsOf(again))
    expect({ connection, ...rows }).toMatchObject({ connection, inserted: 0, updated: 0 })
  expect(
    runsOf(later).map(({ connection, rows, tallies }) => [
      connection,
      rows.inserted,
      rows.updated,
      tallies.deleted ?? 0,
    ]),
  ).toEqual([
    ['telnyx', 3, 1, 1],
    ['voipbin', 3, 1, 1],
    ['genesys', 3, 0, 0],
    ['vapi', 2, 1, 1],
    ['dotdo', 3, 1, 1],
  ])
  expect(waiting).toEqual([
    { connection_id: 'genesys', reason: 'no-recordings-yet', waiting: 1 },
    { connection_id: 'telnyx', reason: 'no-links', waiting: 1 },
    { connection_id: 'voipbin', reason: 'status-initiating', waiting: 2 },
  ])
  const rejected = new Set(rejects.map(({ connection_id }: { readonly connection_id: string }) => connection_id))
  expect([...rejected].sort()).toEqual([...platforms, 'answering-service', 'leasing-line'].sort())
}, 120_000)

test('what it prints is two screens at the most, and shows no address of a platform, and no key', async () => {
  const place = await openPlace()
  const { code, stdout, stderr } = await place.reelhouse(['demo'])
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines.length).toBeLessThanOrEqual(90)
  expect(Math.max(...lines.filter((line) => !line.includes(place.folder)).map((line) => line.length))).toBeLessThan(125)
  expect(stdout + stderr).not.toContain('the-key-of-the-simulated-accounts')
  expect(stdout).not.toContain('127.0.0.1')
}, 120_000)
