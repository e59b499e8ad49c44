import type { ContractCase } from './contract-case.ts'
import { dotdo } from './dotdo.ts'
import { genesys } from './genesys.ts'
import { telnyx } from './telnyx.ts'
import { vapi } from './vapi.ts'
import { voipbin } from './voipbin.ts'

/** One line for each API source of the registry. */
export const cases: Readonly<Record<string, ContractCase>> = { dotdo, genesys, telnyx, vapi, voipbin }
