import { matrixOf } from './matrix.ts'
import { genesys } from './vendors/genesys.ts'

matrixOf(genesys)
