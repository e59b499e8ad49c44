import { matrixOf } from './matrix.ts'
import { voipbin } from './vendors/voipbin.ts'

matrixOf(voipbin)
