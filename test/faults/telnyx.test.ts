import { matrixOf } from './matrix.ts'
import { telnyx } from './vendors/telnyx.ts'

matrixOf(telnyx)
