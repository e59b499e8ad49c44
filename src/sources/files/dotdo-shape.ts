import type { Flattened } from '../../domain/flattened.ts'
import { inBase64 } from '../../transform/in-base64.ts'
import { recordIn } from '../dotdo/events.ts'
import { dotdoFieldsSetting } from '../dotdo/fields-setting.ts'
import { compileDotdoFlatten } from '../dotdo/flatten.ts'
import { keptRecord, keptText } from '../dotdo/kept-record.ts'
import type { FileRecord, FlattenContext } from '../source.ts'
import { compileKnownShape } from './known-shape.ts'
import type { FilesSettings } from './settings.ts'

/** Without it a file holds no CallRecordings. Files of events are JSON Lines, and have no columns. */
export const dotdoRequiredColumns: readonly string[] = ['id']

/** `shape: dotdo`: records are CallRecordings of `.do`, or events about them. Throws ConfigError. */
export const compileDotdoShape = (
  settings: FilesSettings,
): ((record: unknown, context: FlattenContext) => Flattened) => {
  const { default_country, fields = dotdoFieldsSetting.parse({}) } = settings
  return compileKnownShape(settings, compileDotdoFlatten({ fields, default_country }), recordIn)
}

/** Nothing of a record that is a secret leaves the reader: payloads and rejects keep records as they are read. */
export const withoutDotdoSecrets = (found: FileRecord): FileRecord => {
  if (found.kind === 'record') return { ...found, record: keptRecord(found.record) }
  const { payload, payloadKind } = found
  return { ...found, payload: payloadKind === 'base64' ? inBase64(payload, keptText) : keptText(payload) }
}
