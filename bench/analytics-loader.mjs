// What an index costs the loader: a stream of staged batches into the filled table, as a transaction that is rolled back, so
// that each set of indexes meets the same table.
const batchRows = 5000

const columns = `
  conversation_id, message_id, created_at, portfolio_id, message_text, first_name, last_name, sender_ext_ref, phone_number,
  email_address, message_direction, number_dialed_by_user, call_duration_in_sec, recording_url, source, media, record_id,
  recording_status, recording_expires_at, deleted_at, source_version, source_ordinal, map_keys, first_loaded_at, last_changed_at, run_id`

/** New recordings of one more platform in the order of their time, as a backfill reads them; and transcripts for stored rows. */
const prepare = (batches) => `
  drop table if exists bench_new, bench_changed;
  create unlogged table bench_new as
    select (row_number() over (order by created_at) - 1) / ${batchRows} as batch, *
    from (
      select ${columns.replace('message_id,', "md5('new ' || message_id) as message_id,")}
      from reelhouse.call_recordings
      where right(message_id, 2) >= '80'
      limit ${batches * batchRows}
    ) sample;
  create unlogged table bench_changed as
    select (row_number() over (order by created_at) - 1) / ${batchRows} as batch, *
    from (
      select connection_key, ${columns.replace('message_text,', "'another transcript' as message_text,").replace('last_changed_at,', 'now() as last_changed_at,')}
      from reelhouse.call_recordings
      where right(message_id, 2) < '80'
      limit ${batches * batchRows}
    ) sample;
  create index on bench_new (batch, message_id);
  create index on bench_changed (batch, message_id);
  analyze bench_new, bench_changed`

const set = columns
  .split(',')
  .map((name) => name.trim())
  .filter((name) => name !== 'message_id' && name !== 'first_loaded_at')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')

const merge = (connectionKey, stage) => `
  insert into reelhouse.call_recordings (connection_key, ${columns})
  select ${connectionKey}, ${columns} from ${stage} where batch = $1 order by message_id
  on conflict (connection_key, message_id) do update set ${set}`

const kinds = { new: merge(0, 'bench_new'), changed: merge('connection_key', 'bench_changed') }

/** Seconds and bytes of WAL of one stream while the indexes named do not exist. */
const stream = async (client, kind, batches, without) => {
  await client.query('vacuum reelhouse.call_recordings')
  await client.query('checkpoint')
  await client.query('begin')
  for (const name of without) await client.query(`drop index reelhouse.${name}`)
  const position = async () => (await client.query('select pg_current_wal_insert_lsn() as at')).rows[0].at
  const from = await position()
  const began = performance.now()
  for (let batch = 0; batch < batches; batch += 1) await client.query(kinds[kind], [batch])
  const seconds = (performance.now() - began) / 1000
  const { rows } = await client.query('select pg_wal_lsn_diff($1, $2)::float8 as wal', [await position(), from])
  await client.query('rollback')
  return { seconds, wal: rows[0].wal }
}

/** For every set of indexes: what a stream costs, the median of the runs, and the same as a ratio to that without any. */
export const measureLoader = async (client, { batches, runs, sets, all }, say) => {
  await client.query(prepare(batches))
  const figures = []
  for (let run = 0; run < runs; run += 1) {
    for (const [name, kept] of Object.entries(sets)) {
      const without = all.filter((index) => !kept.includes(index))
      for (const kind of Object.keys(kinds)) {
        const figure = { name, kind, ...(await stream(client, kind, batches, without)) }
        figures.push(figure)
        say(`  ${name}, ${kind}: ${figure.seconds.toFixed(2)} s, ${(figure.wal / 1e6).toFixed(0)} MB of WAL`)
      }
    }
  }
  await client.query('drop table bench_new, bench_changed')
  return figures
}
