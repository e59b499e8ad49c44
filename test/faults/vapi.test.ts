import { matrixOf } from './matrix.ts'
import { vapi } from './vendors/vapi.ts'

matrixOf(vapi)
