import { matrixOf } from './matrix.ts'
import { dotdo } from './vendors/dotdo.ts'

matrixOf(dotdo)
