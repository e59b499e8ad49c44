// Rows of an invented company of five connections and 300 communities over three years, made by SQL inside the warehouse:
// skewed as such rows are (few communities and few callers have many of the calls, the volume grows, nights are quiet), loaded
// as they are loaded (platforms in the order of their time, a dump in none), and a part of them written again later.
const words =
  'hello this is about the two bedroom apartment on the third floor is it still free and when could we come to see it thank you '.repeat(
    12,
  )

const connections = `
  insert into reelhouse.connections (connection_id, source) values
    ('front-desk', 'telnyx'), ('contact-center', 'genesys'), ('assistant', 'vapi'), ('night-line', 'voipbin'), ('history', 'files')`

/** Rows `from` to `to` of so many; the last of all began just now. */
const recordings = (from, to, rows) => `
  insert into reelhouse.call_recordings (
    connection_key, conversation_id, message_id, created_at, portfolio_id, message_text, first_name, last_name,
    sender_ext_ref, phone_number, email_address, message_direction, number_dialed_by_user, call_duration_in_sec,
    recording_url, source, media, record_id, recording_status, recording_expires_at, deleted_at, source_version,
    source_ordinal, map_keys, first_loaded_at, last_changed_at, run_id
  )
  select
    c, case when r4 < 0.3 then md5('conversation ' || c || '-' || n / 8) else md5('conversation ' || n) end, id, at,
    case when r1 > 0.04 then '99999999-0000-4000-8000-' || lpad(community::text, 12, '0') end,
    case when r4 < 0.4 then substr('${words}', 1 + (r2 * 200)::integer, 80 + (500 * r3)::integer) end,
    case when r5 < 0.4 then 'First' || (r1 * 500)::integer end, case when r5 < 0.35 then 'Last' || (r2 * 3000)::integer end,
    case when r5 < 0.25 then 't' || caller end,
    case direction when 'outbound' then line else person end, case when r5 < 0.1 then 'person' || caller || '@example.com' end,
    direction, case direction when 'outbound' then person else line end,
    case when r6 > 0.06 then (exp(1.5 + 5 * (r2 + r3 + r5 + r6) / 4))::integer end,
    'https://api.example.test/v2/recordings/' || id,
    (array['telnyx', 'genesys', 'vapi', 'voipbin', 'files'])[c],
    case when c <> 2 or r5 > 0.2 then 'audio' when r5 > 0.1 then 'chat' when r5 > 0.03 then 'email' else 'message' end,
    id, case when r6 > 0.1 then 'available' when r6 > 0.04 then 'archived' when r6 > 0.02 then 'failed' end,
    case c when 3 then at + interval '180 days' end, case when r3 > 0.99 then at + interval '40 days' end,
    extract(epoch from at)::bigint * 1000000, n, case when c < 3 then jsonb_build_object('queue_id', 'queue-' || community % 40) end,
    -- Of the first two years as a backfill would have loaded them.
    greatest(at + interval '10 minutes', now() - interval '1 year' + n * interval '1 millisecond'),
    greatest(at + interval '10 minutes', now() - interval '1 year' + n * interval '1 millisecond'), 1
  from (
    select
      n, c, md5('recording ' || n) as id, r1, r2, r3, r4, r5, r6, caller, community, direction,
      '+1' || 5125550000 + caller as person,
      '+1737555' || lpad((community * 3 + (r6 * 2)::integer)::text, 4, '0') as line,
      -- Of the day the hours are redrawn: most calls come between 9 and 21 o'clock.
      least(
        date_trunc('day', now() - interval '3 years' + interval '3 years' * sqrt(case c when 5 then r2 * 0.5 else place end), 'UTC')
          + interval '12 hours' * (1.25 + (r3 + r5 - 1) * 0.9),
        now()
      ) as at
    from (
      select
        n, r1, r2, r3, r4, r5, r6,
        case when r0 < 0.5 then 1 when r0 < 0.75 then 2 when r0 < 0.88 then 3 when r0 < 0.93 then 4 else 5 end as c,
        least(greatest(n + (r1 - 0.5) * 10000, 0) / ${rows}, 1) as place,
        (${rows} / 8 * r2 ^ 1.5)::bigint as caller,
        (300 * r4 ^ 2)::integer as community,
        case when r3 < 0.62 then 'inbound' when r3 < 0.95 then 'outbound' end as direction
      from (
        select n, random() as r0, random() as r1, random() as r2, random() as r3, random() as r4, random() as r5, random() as r6
        from generate_series(${from}, ${to}) n
        offset 0
      ) drawn
    ) chosen
  ) placed`

/** Transcripts that came later: a new row version somewhere else in the table. */
const later = `
  update reelhouse.call_recordings
  set message_text = 'a transcript that came later', last_changed_at = last_changed_at + interval '1 hour'
  where message_text is null and left(message_id, 1) = '0'`

const records = (connectionKey) => `
  insert into reelhouse.source_records (connection_key, stream, record_id, window_at, version, ordinal, outcome, reason, read_at, run_id)
  select
    connection_key, 'recordings', record_id, created_at, source_version, source_ordinal,
    case when right(record_id, 2) = '00' then 'reject' when right(record_id, 2) = '01' then 'skip' else 'row' end, null,
    first_loaded_at, 1
  from reelhouse.call_recordings
  where connection_key = ${connectionKey}`

const bookkeeping = `
  insert into reelhouse.coverage (connection_key, stream, axis, covered)
  select
    k, 'recordings', 'created_at',
    tstzmultirange(tstzrange(now() - interval '3 years', now() - interval '1 hour'))
      - tstzmultirange(tstzrange(now() - k * interval '100 days', now() - k * interval '100 days' + interval '5 hours'))
  from generate_series(1, 4) k`

/** What fills an empty, migrated warehouse, step by step. The same number makes the same rows, but for the day of the run. */
export const generation = (rows) => {
  const piece = 1_000_000
  const pieces = Array.from({ length: Math.ceil(rows / piece) }, (_, n) => {
    const to = Math.min((n + 1) * piece, rows)
    return [`recordings up to ${to}`, `select setseed(${n / 1000}); ${recordings(n * piece + 1, to, rows)}`]
  })
  return [
    ['connections', connections],
    ...pieces,
    ['transcripts that come later', later],
    ...[1, 2, 3, 4].map((key) => [`records of connection ${key}`, records(key)]),
    ['bookkeeping', bookkeeping],
    ['vacuum of the rows', 'vacuum (analyze) reelhouse.call_recordings'],
    ['vacuum of the records', 'vacuum (analyze) reelhouse.source_records'],
  ]
}
