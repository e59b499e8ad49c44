import { dirname, resolve } from 'node:path'
import { Secret, secretsOfUrl } from '../domain/secret.ts'
import type { Config, ExportConfig } from './config.ts'
import { configError } from './config-error.ts'
import type { Env } from './env-reference.ts'
import { type ExportSection, exportSettings } from './export-settings.ts'
import { joinProblems } from './join-connections.ts'
import { listConfigFiles } from './list-config-files.ts'
import { ruleProblems } from './placed-rule.ts'
import { type PortfolioSettings, portfolioSettings } from './portfolio-settings.ts'
import { type Privacy, privacySettings } from './privacy.ts'
import type { Problem } from './problem.ts'
import { readConnections, type SettingsBySource, type WrittenConnection } from './read-connections.ts'
import { type ReadPortfolios, readPortfolios } from './read-portfolios.ts'
import { readOptionalSection, readSection, type Section, topLevelProblems } from './read-section.ts'
import { readYaml } from './read-yaml.ts'
import { type Reading, readingSettings } from './reading.ts'
import { type Retention, retentionSettings } from './retention.ts'
import { type TravtusSection, travtusSettings } from './travtus.ts'
import {
  databaseUrlProblems,
  decidingDatabaseUrl,
  resolveWarehouse,
  type WarehouseSettings,
  warehouseSettings,
} from './warehouse.ts'
import type { YamlFile } from './yaml-file.ts'

export interface LoadConfigOptions {
  /** YAML files, or folders of them; relative to `cwd`. */
  readonly paths: readonly string[]
  readonly env: Env
  /** The schema of every source's own settings, by the name of the source. */
  readonly settingsBySource: SettingsBySource
  /** Default: the working directory of the process. */
  readonly cwd?: string
}

/** Everything that was read, each part judged for itself. */
interface Parts {
  readonly files: readonly YamlFile[]
  /** False when a file could not be read: what seems to be missing may be in it. */
  readonly complete: boolean
  readonly warehouse: Section<WarehouseSettings>
  readonly databaseUrl: string | null
  readonly portfolios: Section<PortfolioSettings>
  readonly portfolioRules: ReadPortfolios
  readonly travtus: Section<TravtusSection>
  readonly retention: Section<Retention>
  readonly privacy: Section<Privacy>
  readonly reading: Section<Reading>
  readonly export: Section<ExportSection>
  readonly connections: readonly WrittenConnection[]
  readonly yamlProblems: readonly Problem[]
}

const readParts = async ({ paths, env, settingsBySource }: LoadConfigOptions, cwd: string): Promise<Parts> => {
  const listed = await listConfigFiles(paths, cwd)
  const parsed = listed.files.map(({ name, path, text }) => readYaml(name, path, text))
  const files = parsed.map(({ file }) => file)
  const warehouse = readSection(files, 'warehouse', warehouseSettings, env)
  const portfolios = readSection(files, 'portfolios', portfolioSettings, env)
  return {
    files,
    complete: listed.problems.length === 0 && parsed.every(({ readable }) => readable),
    warehouse,
    databaseUrl: warehouse.value === null ? null : decidingDatabaseUrl(warehouse.value, env),
    portfolios,
    portfolioRules: await readPortfolios(portfolios, files, env, cwd),
    travtus: readSection(files, 'travtus', travtusSettings, env),
    retention: readSection(files, 'retention', retentionSettings, env),
    privacy: readSection(files, 'privacy', privacySettings, env),
    reading: readSection(files, 'reading', readingSettings, env),
    export: readOptionalSection(files, 'export', exportSettings, env),
    connections: files.flatMap((file) => readConnections(file, settingsBySource, env)),
    yamlProblems: [listed, ...parsed].flatMap(({ problems }) => problems),
  }
}

const sectionsOf = (parts: Parts): readonly Section<unknown>[] => {
  const { warehouse, portfolios, travtus, retention, privacy, reading, export: exported } = parts
  return [warehouse, portfolios, travtus, retention, privacy, reading, exported]
}

const problemsOf = (parts: Parts): readonly Problem[] => {
  const { files, complete, portfolioRules, connections } = parts
  const connectionIds = complete ? connections.flatMap(({ id }) => id ?? []) : null
  return [
    ...[...sectionsOf(parts), portfolioRules, ...connections].flatMap(({ problems }) => problems),
    ...files.flatMap(topLevelProblems),
    ...joinProblems(connections, complete),
    ...ruleProblems(portfolioRules.rules, connectionIds),
    ...databaseUrlProblems(parts.databaseUrl),
  ]
}

const secretsOf = (parts: Parts): readonly Secret[] => {
  const { connections, databaseUrl } = parts
  const written = [...sectionsOf(parts), ...connections].flatMap(({ secrets }) => secrets)
  const all = [...written, ...(databaseUrl === null ? [] : secretsOfUrl(databaseUrl))]
  return [...new Set(all.map((secret) => secret.reveal()))].map((value) => new Secret(value))
}

const travtusOf = ({ value, file }: Section<TravtusSection>, cwd: string): Config['travtus'] => {
  const account = value?.account ?? null
  return account === null ? null : { ...account, folder: file === null ? cwd : dirname(file.path) }
}

/**
 * Reads what the operator wrote, once, at the start. Throws one ConfigError with every problem of every file, none of them
 * with a secret in it.
 */
export const loadConfig = async (options: LoadConfigOptions): Promise<Config> => {
  const { env, cwd = resolve('.') } = options
  const parts = await readParts(options, cwd)
  const { value: warehouse } = parts.warehouse
  const { value: portfolios } = parts.portfolios
  const { value: retention } = parts.retention
  const { value: privacy } = parts.privacy
  const { value: reading } = parts.reading
  const problems = { yaml: parts.yamlProblems, others: problemsOf(parts) }
  const refused = problems.yaml.length > 0 || problems.others.length > 0
  const secrets = secretsOf(parts)
  if (
    refused ||
    warehouse === null ||
    portfolios === null ||
    retention === null ||
    privacy === null ||
    reading === null
  ) {
    const names = parts.files.map(({ name }) => name)
    throw configError(problems, names, secrets)
  }
  const fileDir = parts.warehouse.file === null ? cwd : dirname(parts.warehouse.file.path)
  return {
    warehouse: resolveWarehouse(warehouse, { env, cwd, fileDir }),
    statementTimeoutMs: warehouse.statement_timeout ?? null,
    connections: parts.connections.flatMap(({ config }) => config ?? []),
    portfolios: {
      rules: parts.portfolioRules.rules.map(({ rule }) => rule),
      places: parts.portfolioRules.rules.map(({ file, line }) => `${file}:${line}`),
      default: portfolios.default ?? null,
      defaultCountry: portfolios.default_country ?? null,
    },
    travtus: travtusOf(parts.travtus, cwd),
    retention,
    privacy,
    reading,
    export: exportConfig(parts.export),
    secrets,
  }
}

const exportConfig = ({ value, file }: Section<ExportSection>): ExportConfig | null =>
  value === null || file === null ? null : { ...value, folder: resolve(dirname(file.path), value.folder) }
