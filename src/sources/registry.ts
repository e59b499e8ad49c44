import type { z } from 'zod'
import { ConfiguredSource } from './configured-source.ts'
import { dotdoSettings } from './dotdo/settings.ts'
import { openDotdo } from './dotdo/source.ts'
import { filesSettings } from './files/settings.ts'
import { openFiles } from './files/source.ts'
import { genesysSettings } from './genesys/settings.ts'
import { openGenesys } from './genesys/source.ts'
import { telnyxSettings } from './telnyx/settings.ts'
import { openTelnyx } from './telnyx/source.ts'
import { vapiSettings } from './vapi/settings.ts'
import { openVapi } from './vapi/source.ts'
import { voipbinSettings } from './voipbin/settings.ts'
import { openVoipbin } from './voipbin/source.ts'

/** Every source, by the name that a connection's `source:` gives. Adding a vendor is a folder and a line here. */
export const sources = {
  dotdo: dotdoSettings.transform((settings) => new ConfiguredSource((place) => openDotdo(settings, place))),
  files: filesSettings.transform((settings) => new ConfiguredSource(({ folder }) => openFiles(settings, folder))),
  genesys: genesysSettings.transform((settings) => new ConfiguredSource((place) => openGenesys(settings, place))),
  telnyx: telnyxSettings.transform((settings) => new ConfiguredSource((place) => openTelnyx(settings, place))),
  voipbin: voipbinSettings.transform((settings) => new ConfiguredSource((place) => openVoipbin(settings, place))),
  vapi: vapiSettings.transform((settings) => new ConfiguredSource((place) => openVapi(settings, place))),
} satisfies Readonly<Record<string, z.ZodType<ConfiguredSource>>>
