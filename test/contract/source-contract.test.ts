import { expect, test } from 'vitest'
import { sources } from '../../src/sources/registry.ts'
import type { ContractCase } from './contract-case.ts'
import { dotdo } from './dotdo.ts'
import { genesys } from './genesys.ts'
import { describeContract } from './source-contract.ts'
import { telnyx } from './telnyx.ts'
import { vapi } from './vapi.ts'
import { voipbin } from './voipbin.ts'

/** One line for each API source of the registry. */
const cases: Readonly<Record<string, ContractCase>> = { dotdo, genesys, telnyx, vapi, voipbin }

/** Sources of files, which have suites of their own. */
const dumps = ['files']

test('every API source that is registered has a case, and no case is of another', () => {
  expect(Object.keys(cases).sort()).toEqual(
    Object.keys(sources)
      .filter((name) => !dumps.includes(name))
      .sort(),
  )
})

describeContract(sources, cases)
