import { ConfigError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { excerpt } from '../../transform/excerpt.ts'
import { compileInstantReader, type InstantSettings } from '../../transform/instant.ts'
import { invalid, type Reading, read } from '../../transform/reading.ts'
import type { FilesSettings } from './settings.ts'

const wholeNumber = /^\d{1,16}$/

/**
 * Reads a version: a whole number, or an instant as microseconds. With a format only instants are read, so that 20260714
 * and 1752505331 mean what the operator said. Code: `invalid-version`.
 */
export const compileVersionReader = (settings: InstantSettings): ((text: string) => Reading<number>) => {
  const readInstant = compileInstantReader(settings)
  return (text) => {
    if (settings.format === undefined && wholeNumber.test(text) && Number.isSafeInteger(Number(text)))
      return read(Number(text))
    const instant = readInstant(text)
    if (instant.kind === 'value') return instant
    return invalid(
      'invalid-version',
      settings.format === undefined ? `no whole number, and ${instant.detail}` : instant.detail,
    )
  }
}

const compilePattern = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern)
  } catch (error) {
    throw new ConfigError([`version.file_name: "${pattern}" is no regular expression`], { cause: error })
  }
}

/** The version of records that state none: the file's; null when it has none either. */
export type FileVersion = (fileName: string, mtimeMicros: EpochMicros) => Reading<number | null>

/** Throws ConfigError for a pattern, format or zone that cannot work. */
export const compileFileVersion = (settings: FilesSettings): FileVersion => {
  const { version } = settings
  if (version === 'mtime') return (_, mtimeMicros) => read(mtimeMicros)
  if (version === 'none' || 'column' in version) return () => read(null)
  const pattern = compilePattern(version.file_name)
  const readVersion = compileVersionReader({ format: version.format, zone: version.zone ?? settings.zone })
  return (fileName) => {
    const text = pattern.exec(fileName)?.[1]
    const where = `file name ${excerpt(fileName)}, version pattern "${version.file_name}"`
    if (text === undefined) return invalid('invalid-version', `${where}: no match with a first group`)
    const reading = readVersion(text)
    return reading.kind === 'value' ? reading : invalid(reading.code, `${where}: ${reading.detail}`)
  }
}
