import type { ExportSettings } from '../domain/export.ts'
import type { PortfolioRule } from '../domain/portfolio-rule.ts'
import type { Secret } from '../domain/secret.ts'
import type { Privacy } from './privacy.ts'
import type { Reading } from './reading.ts'
import type { Retention } from './retention.ts'
import type { TravtusAccount } from './travtus.ts'
import type { Warehouse } from './warehouse.ts'

/** One configured account of one source. */
export interface ConnectionConfig {
  readonly id: string
  readonly source: string
  /** Id of the connection whose rows this one adds to (a dump of what an API also lists); null = its own. */
  readonly into: string | null
  /** What is kept of every record; undefined = the source's default. */
  readonly records: 'none' | 'keys' | 'payloads' | undefined
  /** Output of the source's own schema. */
  readonly settings: unknown
  /** Absolute; paths in the settings are relative to it. */
  readonly configDir: string
  /** Where it is written, for messages. */
  readonly file: string
  readonly line: number
}

export interface Portfolios {
  /** In the order of matching: the first rule that fits wins. */
  readonly rules: readonly PortfolioRule[]
  /** Where each of them is written, in the same order: `config/portfolios.csv:7`. */
  readonly places: readonly string[]
  /** Community of calls that no rule fits; null = none. */
  readonly default: string | null
  /** ISO 3166 code of the phone numbers in rules that are written without a country code; null = none may be. */
  readonly defaultCountry: string | null
}

export interface ExportConfig extends ExportSettings {
  /** Absolute: where files for Travtus are written. */
  readonly folder: string
}

/** What the operator wrote, complete and consistent. */
export interface Config {
  readonly warehouse: Warehouse
  /** null = the setting of the database. */
  readonly statementTimeoutMs: number | null
  readonly connections: readonly ConnectionConfig[]
  readonly portfolios: Portfolios
  /** Null: Travtus is not asked for anything. */
  readonly travtus: (TravtusAccount & { readonly folder: string }) | null
  readonly retention: Retention
  readonly privacy: Privacy
  readonly reading: Reading
  /** null = nothing is exported. */
  readonly export: ExportConfig | null
  /** Every secret that was read, for the redactor of all output. */
  readonly secrets: readonly Secret[]
}
