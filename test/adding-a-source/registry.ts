import { ConfiguredSource } from '../../src/sources/configured-source.ts'
import { sources as registered } from '../../src/sources/registry.ts'
import { hearsaySettings } from './settings.ts'
import { openHearsay } from './source.ts'

/** The registry as it is with the line that docs/adding-a-source.md adds. */
export const sources = {
  ...registered,
  hearsay: hearsaySettings.transform((settings) => new ConfiguredSource((place) => openHearsay(settings, place))),
}
