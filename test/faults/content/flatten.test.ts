import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordingRow } from '../../../src/domain/recording-row.ts'
import { RecordBatch } from '../../../src/pipeline/record-batch.ts'
import { sources } from '../../../src/sources/registry.ts'
import type { JsonObject } from '../../../src/transform/json-object.ts'
import type { ContractCase } from '../../contract/contract-case.ts'
import { dotdo } from '../../contract/dotdo.ts'
import { genesys } from '../../contract/genesys.ts'
import { configured } from '../../contract/open-case.ts'
import { telnyx } from '../../contract/telnyx.ts'
import { vapi } from '../../contract/vapi.ts'
import { voipbin } from '../../contract/voipbin.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { openLoader } from '../../support/loading.ts'
import { placedAsIs, row } from '../../support/rows.ts'
import { timeoutOf } from '../budget.ts'
import { checkSchedules } from '../check-schedules.ts'
import { filledWith, hostileRecord, knownTexts } from './hostile.ts'

const cases: Readonly<Record<string, ContractCase>> = { dotdo, genesys, telnyx, vapi, voipbin }
const share = 0.01

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const witness = (n: number) => row({ message_id: `witness-${n}`, record_id: `witness-${n}`, source_ordinal: n })

/** Flattened, they are loaded as one batch, with a record before and behind them that nothing is wrong with. */
const records = (contract: ContractCase): fc.Arbitrary<readonly JsonObject[]> =>
  fc.array(fc.oneof(...contract.fixtures.map(({ record }) => hostileRecord(record))), { minLength: 1, maxLength: 6 })

const isWitness = (record: unknown): record is { readonly witness: RecordingRow } =>
  typeof record === 'object' && record !== null && Object.hasOwn(record, 'witness')

describe.each(Object.entries(cases))('records of %s with hostile content', (name, contract) => {
  test('throw nothing, and cost themselves at the most', { timeout: timeoutOf(share) }, async () => {
    const source = await configured({ sources, name, contract }, contract.settings)
    const [stream] = source.streams
    if (stream === undefined) throw new Error('there is no stream')
    const { loader, die } = await openLoader(database, name)
    const run = await loader.startRun()
    let ordinal = 0

    const load = async (hostile: readonly JsonObject[]): Promise<void> => {
      const batch = new RecordBatch({
        recordsKept: 'payloads',
        place: placedAsIs,
        flatten: (record, context) =>
          isWitness(record)
            ? { kind: 'rows', rows: [record.witness], notes: [] }
            : stream.flatten(record, { ...context, version: null }),
      })
      const witnesses = [witness(++ordinal), witness(++ordinal)]
      const all = [{ witness: witnesses[0] }, ...hostile, { witness: witnesses[1] }]
      for (const record of all) {
        ordinal += 1
        const flattened = batch.addRecord(record, {
          version: null,
          ordinal,
          fallbackKey: `${name}:${ordinal}`,
          file: null,
          stub: null,
        })
        if (flattened.kind === 'reject')
          expect(flattened.reason.code, flattened.reason.detail).not.toBe('flatten-failed')
      }
      await loader.commitBatch(run, batch.finish(null))
      const stored = await database.rows(
        `select message_id from reelhouse.call_recordings join reelhouse.connections c using (connection_key)
         where c.connection_id = $1 and message_id = any ($2)`,
        [name, witnesses.map(({ message_id }) => message_id)],
      )
      expect(stored).toHaveLength(2)
    }

    // The same in every field at once: SQL, formulas, U+0000, ...
    for (const text of knownTexts) await load(contract.fixtures.map(({ record }) => filledWith(record, text)))
    await checkSchedules({ fault: `hostile content: ${name}`, slice: 60, share }, records(contract), load)
    await loader.finishRun(run, 'succeeded', null)
    await die()
    expect(Object.prototype).not.toHaveProperty('polluted')
    expect(Object.prototype).not.toHaveProperty('admin')
  })
})
