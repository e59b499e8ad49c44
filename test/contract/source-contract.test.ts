import { expect, test } from 'vitest'
import { sources } from '../../src/sources/registry.ts'
import { cases } from './cases.ts'
import { describeContract } from './source-contract.ts'

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
