import { stringify } from 'yaml'
import type { TestDatabase } from '../support/database.ts'

/** What must hold of a view, as dbt's own four tests state it. */
interface Promised {
  /** The columns of which no two rows have the same values. */
  readonly unique: readonly string[]
  /** Of the columns that are not in `unique`. */
  readonly notNull?: readonly string[]
  readonly accepted?: Readonly<Record<string, readonly string[]>>
  /** Columns that may be null although they are in `unique`. */
  readonly nullable?: readonly string[]
  /** What a test looks at where the view has a row for every recording. */
  readonly where?: string
}

const media = ['audio', 'chat', 'email', 'message']
const directions = ['inbound', 'outbound']
const statuses = ['processing', 'available', 'archived', 'failed', 'deleted']
const availabilities = ['playable', 'processing', 'archived', 'gone', 'failed', 'unknown']
const states = ['running', 'succeeded', 'failed', 'stopped', 'abandoned']
const recent = "created_at >= now() - interval '7 days'"

/** Every view, and the tables that analysts may read. */
export const promised: Readonly<Record<string, Promised>> = {
  recordings: {
    unique: ['connection_id', 'message_id'],
    notNull: ['source', 'media', 'conversation_id', 'created_at', 'last_changed_at', 'age'],
    accepted: {
      media,
      message_direction: directions,
      recording_status: statuses,
      availability: availabilities,
    },
    where: recent,
  },
  travtus_call_recordings: {
    unique: [],
    notNull: ['conversation_id', 'message_id', 'created_at'],
    accepted: { message_direction: directions },
  },
  unmapped_numbers: {
    unique: ['connection_id', 'own_number', 'called_number'],
    nullable: ['own_number', 'called_number'],
    notNull: ['rows', 'first_created_at', 'last_created_at'],
  },
  open_rejects: {
    unique: ['connection_id', 'stream', 'code', 'path'],
    nullable: ['path'],
    notNull: ['records', 'first_seen_at', 'last_changed_at'],
  },
  freshness: {
    unique: ['connection_id', 'stream'],
    notNull: ['source', 'last_run_state', 'last_run_started_at'],
    accepted: { last_run_state: states },
  },
  coverage_gaps: { unique: ['connection_id', 'stream', 'axis', 'gap_from'], notNull: ['gap_to'] },
  open_follow_ups: {
    unique: ['connection_id', 'stream', 'kind', 'reason'],
    notNull: ['waiting', 'given_up'],
    accepted: { kind: ['pending', 'follow-up'] },
  },
  daily_volume: {
    unique: ['day', 'connection_id', 'source', 'portfolio_id', 'media', 'message_direction'],
    nullable: ['portfolio_id', 'message_direction'],
    notNull: ['rows', 'with_duration'],
    accepted: { media, message_direction: directions },
    where: 'day >= current_date - 7',
  },
  duration_percentiles: {
    unique: ['month', 'connection_id', 'source', 'portfolio_id', 'message_direction'],
    nullable: ['portfolio_id', 'message_direction'],
    notNull: ['recordings', 'with_duration'],
    accepted: { message_direction: directions },
    where: "month >= date_trunc('month', now())::date",
  },
  repeat_callers: {
    unique: ['customer_phone_number', 'portfolio_id'],
    nullable: ['portfolio_id'],
    notNull: ['conversations', 'recordings', 'first_created_at', 'last_created_at'],
  },
  repeat_calls: {
    unique: ['connection_id', 'message_id'],
    notNull: ['source', 'conversation_id', 'created_at', 'customer_phone_number', 'previous_created_at', 'after'],
    where: recent,
  },
  missing_enrichment: {
    unique: ['day', 'connection_id', 'source', 'media'],
    notNull: ['rows', 'without_portfolio', 'without_direction', 'without_text', 'without_duration'],
    accepted: { media },
    where: 'day >= current_date - 7',
  },
  completeness: {
    unique: ['connection_id', 'stream', 'day'],
    notNull: ['source', 'covered', 'missing', 'is_complete', 'records', 'rejected', 'pending'],
    where: 'day >= current_date - 30',
  },
  call_recordings: {
    unique: ['connection_key', 'message_id'],
    notNull: ['conversation_id', 'created_at', 'source', 'media', 'record_id', 'last_changed_at'],
    accepted: { media, message_direction: directions, recording_status: statuses },
    where: recent,
  },
  connections: { unique: ['connection_id'], notNull: ['connection_key', 'source'] },
}

/** Columns of `connections` that analysts may read. */
const readable = ['connection_key', 'connection_id', 'source']

interface Described {
  readonly name: string
  readonly about: string
  readonly columns: readonly { readonly name: string; readonly about: string }[]
}

const described = `
  select
    c.relname as name,
    obj_description(c.oid, 'pg_class') as about,
    json_agg(json_build_object('name', a.attname, 'about', col_description(c.oid, a.attnum)) order by a.attnum) as columns
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'reelhouse'::regnamespace
    and (c.relkind = 'v' or c.relname in ('call_recordings', 'connections'))
  group by c.oid, c.relname, c.relkind
  order by c.relkind desc, c.oid`

/** The views and tables of a migrated warehouse that analysts may read. */
export const readableRelations = async (database: TestDatabase): Promise<readonly Described[]> =>
  (await database.rows<Described>(described)).map((relation) =>
    relation.name === 'connections'
      ? { ...relation, columns: relation.columns.filter(({ name }) => readable.includes(name)) }
      : relation,
  )

const within = (of: Promised | undefined) => (of?.where === undefined ? {} : { config: { where: of.where } })

const columnTests = (relation: string, column: string): readonly unknown[] => {
  const of = promised[relation]
  const isStated = of?.notNull?.includes(column) || (of?.unique.includes(column) && !of.nullable?.includes(column))
  const values = of?.accepted?.[column]
  const key = column === 'connection_key' || column === 'connection_id' ? column : null
  const to = { to: "source('reelhouse', 'connections')", field: key }
  return [
    ...(isStated ? [{ not_null: within(of) }] : []),
    ...(values === undefined ? [] : [{ accepted_values: { arguments: { values }, ...within(of) } }]),
    ...(key === null || relation === 'connections' ? [] : [{ relationships: { arguments: to, ...within(of) } }]),
  ]
}

const tableTests = (relation: string): readonly unknown[] => {
  const of = promised[relation]
  if (of === undefined || of.unique.length === 0) return []
  const key = of.unique.length === 1 ? of.unique.join() : `row(${of.unique.join(', ')})::text`
  return [{ unique: { arguments: { column_name: key }, ...within(of) } }]
}

/** The stream that was synced completely the longest ago: a connection that is configured no more stays in it. */
const freshness = {
  loaded_at_query:
    "select min(coalesce(last_succeeded_at, timestamptz '1970-01-01')) from {{ this }} -- where connection_id in (...)",
  freshness: { warn_after: { count: 2, period: 'hour' }, error_after: { count: 24, period: 'hour' } },
}

const withTests = (name: string, text: string, tests: readonly unknown[]) => ({
  name,
  description: text,
  ...(tests.length === 0 ? {} : { data_tests: tests }),
})

const head = `# The warehouse as a source of a dbt project: copy it below your models. dbt 1.10.5 or later.
# Generated: npm run docs. Do not edit here; in a copy change what you like.
#
# Fresh means that every stream was completely synced: a quiet night is not stale. Tests of views with a row for each
# recording look at the last days; a key is unique over several columns where row(...)::text stands.
`

export const dbtSources = async (database: TestDatabase): Promise<string> => {
  const tables = (await readableRelations(database)).map(({ name, about, columns }) => ({
    ...withTests(name, about, tableTests(name)),
    ...(name === 'freshness' ? { config: freshness } : {}),
    columns: columns.map((column) => withTests(column.name, column.about, columnTests(name, column.name))),
  }))
  const source = {
    name: 'reelhouse',
    description: 'Call recordings, loaded by Reelhouse.',
    schema: 'reelhouse',
    tables,
  }
  return `${head}${stringify({ version: 2, sources: [source] }, { lineWidth: 120, aliasDuplicateObjects: false })}`
}
