import type { Flattened } from '../../domain/flattened.ts'
import type { FlattenContext } from '../source.ts'
import { compileTelnyxFlatten } from '../telnyx/flatten.ts'
import { compileKnownShape } from './known-shape.ts'
import type { FilesSettings } from './settings.ts'

/** Without it a file holds no Telnyx recordings. It is spelled alike on the wire and by typed clients. */
export const telnyxRequiredColumns: readonly string[] = ['id']

/** `shape: telnyx`: records are recordings as the API lists them; nothing was joined to them. Throws ConfigError. */
export const compileTelnyxShape = (
  settings: FilesSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const { own_numbers, default_country, zone } = settings
  return compileKnownShape(settings, compileTelnyxFlatten({ own_numbers, default_country, zone, call_events: false }))
}
