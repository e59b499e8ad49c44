import type { RecordingRow } from '../../src/domain/recording-row.ts'
import type { Window } from '../../src/domain/window.ts'
import type { JsonObject } from '../../src/transform/json-object.ts'

/** The contract does not ask this of the source, for a reason that can be read here. */
export interface Waived {
  readonly waived: string
}

/** One request that arrived at the vendor's stand-in. */
export interface ArrivedRequest {
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** The vendor's stand-in, with its traps. */
export interface ContractAccount {
  /** Settings that differ from those of the case: where it is reached. */
  readonly settings: JsonObject
  readonly requests: () => readonly ArrivedRequest[]
  /** Puts records into the window of the case that take several pages to list; returns their ids. */
  readonly fill: () => readonly string[]
  /** From the second page on, listings come to nothing new. */
  readonly repeatPages: () => void
  /** A page in the middle of a listing is empty, and more come behind it. */
  readonly emptyMiddlePage: () => void
  /** From now on answers begin and never end; resolves when a request waits for one. */
  readonly hang: () => Promise<void>
  /** From now on every request is refused. */
  readonly refuse: () => void
  readonly close: () => Promise<void>
}

/** A record as it is stored, and the optional members that may be missing in it. */
export interface ContractFixture {
  readonly name: string
  readonly record: JsonObject
  /** Dotted paths; of each the column that is then undefined, null where something else stands in for it. */
  readonly optional: Readonly<Record<string, keyof RecordingRow | null>>
}

export interface BadSettings {
  readonly what: string
  /** Replaces settings of the case; undefined takes one away. */
  readonly settings: Readonly<Record<string, unknown>>
  /** What every operator must find in the problem. */
  readonly key: string
}

/** What a registered API source brings for the contract suite. */
export interface ContractCase {
  /** As written in the file, with references. */
  readonly settings: JsonObject
  /** Secrets too: none of these values may show anywhere. */
  readonly env: Readonly<Record<string, string>>
  /** The setting that a refusal of the credentials names. */
  readonly credential: string
  readonly bad: readonly BadSettings[]
  readonly fixtures: readonly ContractFixture[]
  /** Where the account has its records. */
  readonly window: Window
  /** Names of the parameters that change from page to page. */
  readonly pageParameters: RegExp
  /** Paths of listings. */
  readonly listings: readonly string[]
  start(options: { readonly knowsKey: boolean }): Promise<ContractAccount>
  /** Each check that the source is let off. */
  readonly waivers: Partial<Readonly<Record<WaivableCheck, Waived>>>
}

export type WaivableCheck = 'repeated page' | 'empty middle page' | 'frozen query'
