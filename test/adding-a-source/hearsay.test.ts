import { describeContract } from '../contract/source-contract.ts'
import { hearsay } from './contract-case.ts'
import { sources } from './registry.ts'

describeContract(sources, { hearsay })
