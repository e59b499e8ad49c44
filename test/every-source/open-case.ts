import { onTestFinished } from 'vitest'
import type { EpochMicros } from '../../src/domain/instant.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { type CliCase, createCliCase, logged } from '../support/cli-case.ts'
import { apiKey, day, type Expected, type Vendor } from './vendor.ts'

export interface EverySourceCase<V extends Vendor = Vendor> extends CliCase {
  readonly vendors: readonly V[]
  readonly began: EpochMicros
  /** What is waited for is due at once. */
  makeDue(): Promise<void>
}

type Open<V> = (began: EpochMicros, count: number) => Promise<V>

interface MoreOfCase {
  /** Further connections. */
  readonly more?: string
  readonly files?: Readonly<Record<string, string>>
  /** Every account has two connections, which know nothing of each other. */
  readonly twice?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** One configuration with a connection of each vendor, all looked at again in every run: a test has no six hours. */
export const openEverySource = async <V extends Vendor>(
  open: readonly (readonly [Open<V>, number])[],
  { more = '', files = {}, twice = false, env = {} }: MoreOfCase = {},
): Promise<EverySourceCase<V>> => {
  const began = Date.now() * 1000
  const accounts: V[] = []
  onTestFinished(async () => {
    await Promise.all(accounts.map((account) => account.close()))
  })
  for (const [openVendor, count] of open) accounts.push(await openVendor(began, count))
  const second = twice ? accounts.map((account) => ({ ...account, connection: `${account.connection}-again` })) : []
  const vendors = [...accounts, ...second]
  const connections = vendors.map(({ connection, config }) => {
    const rereads = connection.startsWith('vapi') ? 'creation_rereads' : 'rereads'
    const lines = [...config, `start: ${formatInstant(began - 3 * day)}`, `${rereads}: [{ depth: 10d, every: run }]`]
    return [`  - id: ${connection}`, ...lines, 'timeout: 2s'].join('\n    ')
  })
  const config = `reading: { connections_at_a_time: 6 }\nconnections:\n${connections.join('\n')}\n${more}`
  const place = await createCliCase({ config, files, env })
  const withKey = (env: Readonly<Record<string, string>> = {}) => ({ API_KEY: apiKey, ...env })
  return {
    ...place,
    reelhouse: (args, env) => place.reelhouse(args, withKey(env)),
    start: (args, env) => place.start(args, withKey(env)),
    json: async (args) => {
      const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], withKey())
      return { code, document: stdout === '' ? null : JSON.parse(stdout), log: logged(stderr) }
    },
    vendors,
    began,
    makeDue: async () => {
      await place.rows("update reelhouse.follow_ups set next_attempt_at = now() - interval '1 second'")
    },
  }
}

/** What the tables say of every record of a connection, in the words of the oracle. Deleted records are apart. */
export const accountedFor = async ({ rows }: CliCase, connection: string): Promise<readonly Expected[]> => {
  const found = await rows<Expected>(
    `select s.record_id, s.outcome, coalesce(q.code, s.reason) as reason,
       coalesce((
         select jsonb_agg(jsonb_build_object(
           'message_id', r.message_id, 'conversation_id', r.conversation_id,
           'created_at', to_char(date_trunc('milliseconds', r.created_at), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'recording_status', r.recording_status, 'recording_url', r.recording_url, 'deleted', r.deleted_at is not null
         ) order by r.message_id)
         from reelhouse.call_recordings r
         where r.connection_key = s.connection_key and r.record_id = s.record_id
       ), '[]') as rows
     from reelhouse.source_records s
     join reelhouse.connections c using (connection_key)
     left join reelhouse.rejected_records q
       on q.connection_key = s.connection_key and q.reject_key = s.record_id and q.resolved_at is null
     where c.connection_id = $1 and s.outcome <> 'deleted'`,
    [connection],
  )
  return inOrder(found.map((record) => (record.outcome === 'row' ? { ...record, reason: null } : record)))
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const inOrder = (records: readonly Expected[]): readonly Expected[] =>
  records
    .map((record) => ({ ...record, rows: record.rows.toSorted((a, b) => byText(a.message_id, b.message_id)) }))
    .sort((a, b) => byText(a.record_id, b.record_id))

/** What no record of the oracle explains: rows and rejects of nothing, and what is waited for and is not pending. */
export const unexplained = ({ rows }: CliCase): Promise<readonly object[]> =>
  rows(
    `with s as (select * from reelhouse.source_records)
     select 'row' as kind, connection_key, message_id as key from reelhouse.call_recordings r
     where not exists (select from s where s.connection_key = r.connection_key and s.record_id = r.record_id and s.outcome in ('row', 'deleted'))
       and connection_key not in (select connection_key from reelhouse.connections where source = 'files')
     union all
     select 'reject', connection_key, reject_key from reelhouse.rejected_records q
     where resolved_at is null
       and not exists (select from s where s.connection_key = q.connection_key and s.record_id = q.reject_key and s.outcome = 'reject')
       and connection_key not in (select connection_key from reelhouse.connections where source = 'files')
     union all
     select 'pending', connection_key, record_id from reelhouse.follow_ups f
     where kind = 'pending' and gave_up_at is null
       and not exists (select from s where s.connection_key = f.connection_key and s.record_id = f.record_id and s.outcome = 'pending')
     union all
     select 'waits for nothing', connection_key, record_id from s
     where outcome = 'pending'
       and not exists (select from reelhouse.follow_ups f where f.connection_key = s.connection_key and f.record_id = s.record_id and f.gave_up_at is null)`,
  )

/** Row versions of every table that holds data of the platforms. */
export const dataVersions = ({ rows }: CliCase): Promise<readonly object[]> =>
  rows(
    `${[
      'call_recordings',
      'source_records',
      'rejected_records',
      'follow_ups',
      'loaded_files',
      'seen_files',
      'forgotten',
    ]
      .map((name) => `select '${name}' as in_table, ctid::text, xmin::text, xmax::text from reelhouse.${name}`)
      .join(' union all ')} order by 1, 2`,
  )
