import { dirname } from 'node:path'
import { z } from 'zod'
import type { Secret } from '../domain/secret.ts'
import { checkValue } from './check-value.ts'
import type { ConnectionConfig } from './config.ts'
import { connectionKeys, connectionSettings } from './connection-settings.ts'
import type { Env } from './env-reference.ts'
import { isMap, type Path, type Problem, valueAt } from './problem.ts'
import { lineAt, problemAt, type YamlFile } from './yaml-file.ts'

export type SettingsBySource = Readonly<Record<string, z.ZodType>>

/** A connection as written, found at `path` of `file`. */
export interface WrittenConnection {
  readonly file: YamlFile
  readonly path: Path
  /** Its id; null when it has none that is text. Known of a connection with problems too. */
  readonly id: string | null
  readonly into: string | null
  readonly config: ConnectionConfig | null
  readonly problems: readonly Problem[]
  readonly secrets: readonly Secret[]
}

const isCommon = (key: string): boolean => connectionKeys.some((common) => common === key)

const keysWhere = (value: unknown, fits: (key: string) => boolean): unknown =>
  isMap(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => fits(key))) : value

const resolvedText = (value: unknown, key: string, env: Env): string | null =>
  checkValue(
    z.object({ [key]: z.string() }),
    keysWhere(value, (name) => name === key),
    env,
  ).value?.[key] ?? null

const readConnection = (
  file: YamlFile,
  path: Path,
  settingsBySource: SettingsBySource,
  env: Env,
): WrittenConnection => {
  const written = valueAt(file.content, path)
  const common = checkValue(connectionSettings(Object.keys(settingsBySource)), keysWhere(written, isCommon), env)
  const source = resolvedText(written, 'source', env)
  const schema = source !== null && Object.hasOwn(settingsBySource, source) ? settingsBySource[source] : undefined
  const own = keysWhere(written, (key) => !isCommon(key))
  const settings = schema === undefined ? null : checkValue(schema, own, env, connectionKeys)
  const findings = [...common.findings, ...(settings?.findings ?? [])]
  const place = { configDir: dirname(file.path), file: file.name, line: lineAt(file, path) }
  return {
    file,
    path,
    id: resolvedText(written, 'id', env),
    into: resolvedText(written, 'into', env),
    config:
      common.value === null || settings === null || findings.length > 0
        ? null
        : {
            ...common.value,
            ...place,
            into: common.value.into ?? null,
            records: common.value.records,
            settings: settings.value,
          },
    problems: findings.map((finding) => problemAt(file, [...path, ...finding.path], finding.text)),
    secrets: settings?.secrets ?? [],
  }
}

/** The connections of one file, each judged for itself. */
export const readConnections = (
  file: YamlFile,
  settingsBySource: SettingsBySource,
  env: Env,
): readonly WrittenConnection[] => {
  const list = valueAt(file.content, ['connections'])
  if (!Array.isArray(list)) return []
  return list.map((_, index) => readConnection(file, ['connections', index], settingsBySource, env))
}
