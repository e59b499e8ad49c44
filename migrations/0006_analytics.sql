-- What analysts ask. Days and months are those of UTC. Views are replaced, not dropped: what others built on them stays.

-- As the views write them: predicates on day, month and customer_phone_number reach the indexes. docs/analytics.md has what
-- each gains, and what it costs the loader.
create index call_recordings_by_time on reelhouse.call_recordings using brin (
  created_at timestamptz_minmax_multi_ops,
  ((created_at at time zone 'UTC')::date) date_minmax_multi_ops,
  (date_trunc('month', created_at at time zone 'UTC')::date) date_minmax_multi_ops,
  last_changed_at timestamptz_minmax_multi_ops
) with (autosummarize = on);
create index call_recordings_by_customer on reelhouse.call_recordings (
  (case message_direction when 'inbound' then phone_number when 'outbound' then number_dialed_by_user end),
  created_at
);

create or replace view reelhouse.recordings as
select
  c.connection_id,
  r.source,
  r.media,
  r.conversation_id,
  r.message_id,
  r.created_at,
  r.portfolio_id,
  r.message_direction,
  r.phone_number,
  r.number_dialed_by_user,
  case r.message_direction when 'inbound' then r.phone_number when 'outbound' then r.number_dialed_by_user end as customer_phone_number,
  case r.message_direction when 'inbound' then r.number_dialed_by_user when 'outbound' then r.phone_number end as own_number,
  r.first_name,
  r.last_name,
  r.sender_ext_ref,
  r.email_address,
  r.call_duration_in_sec,
  r.message_text,
  r.recording_url,
  r.recording_status,
  r.recording_expires_at,
  r.last_changed_at,
  case
    when r.media <> 'audio' then null
    when r.recording_status = 'failed' then 'failed'
    when r.recording_status = 'deleted' or r.recording_expires_at <= now() then 'gone'
    when r.recording_status = 'available' then 'playable'
    else coalesce(r.recording_status, 'unknown')
  end as availability,
  now() - r.created_at as age
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.deleted_at is null;
comment on column reelhouse.recordings.availability is 'Whether the audio can be played now: playable, processing (not yet), archived (the source must restore it first), gone (deleted or expired), failed or unknown (the source does not say). Null: it is no audio.';
comment on column reelhouse.recordings.age is 'Time since it began.';

create view reelhouse.daily_volume as
select
  (r.created_at at time zone 'UTC')::date as day,
  c.connection_id,
  r.source,
  r.portfolio_id,
  r.media,
  r.message_direction,
  count(*) as rows,
  count(r.call_duration_in_sec) as with_duration,
  sum(r.call_duration_in_sec) as seconds
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.deleted_at is null
group by 1, 2, 3, 4, 5, 6;
comment on view reelhouse.daily_volume is 'Living rows a day, by connection, source, portfolio, media and direction: sum what you do not ask for.';
comment on column reelhouse.daily_volume.day is 'The day on which they began, UTC.';
comment on column reelhouse.daily_volume.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.daily_volume.source is 'The kind of system the records came from.';
comment on column reelhouse.daily_volume.portfolio_id is 'Travtus id of the community; null: not mapped yet.';
comment on column reelhouse.daily_volume.media is 'audio, chat, email or message.';
comment on column reelhouse.daily_volume.message_direction is 'inbound or outbound; null: unknown.';
comment on column reelhouse.daily_volume.rows is 'Recordings or messages.';
comment on column reelhouse.daily_volume.with_duration is 'Of them, those whose duration is known.';
comment on column reelhouse.daily_volume.seconds is 'Their durations together; null: none is known.';

create view reelhouse.duration_percentiles as
select
  date_trunc('month', r.created_at at time zone 'UTC')::date as month,
  c.connection_id,
  r.source,
  r.portfolio_id,
  r.message_direction,
  count(*) as recordings,
  count(r.call_duration_in_sec) as with_duration,
  round(avg(r.call_duration_in_sec))::integer as average_sec,
  percentile_disc(0.5) within group (order by r.call_duration_in_sec) as p50_sec,
  percentile_disc(0.9) within group (order by r.call_duration_in_sec) as p90_sec,
  percentile_disc(0.95) within group (order by r.call_duration_in_sec) as p95_sec,
  percentile_disc(0.99) within group (order by r.call_duration_in_sec) as p99_sec,
  max(r.call_duration_in_sec) as longest_sec
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.deleted_at is null and r.media = 'audio'
group by 1, 2, 3, 4, 5;
comment on view reelhouse.duration_percentiles is 'How long the recordings of a month are, by connection, source, portfolio and direction: living audio rows. Percentiles cannot be added up: for other groups take them from recordings.';
comment on column reelhouse.duration_percentiles.month is 'First day of the month in which they began, UTC.';
comment on column reelhouse.duration_percentiles.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.duration_percentiles.source is 'The kind of system the records came from.';
comment on column reelhouse.duration_percentiles.portfolio_id is 'Travtus id of the community; null: not mapped yet.';
comment on column reelhouse.duration_percentiles.message_direction is 'inbound or outbound; null: unknown.';
comment on column reelhouse.duration_percentiles.recordings is 'Recordings.';
comment on column reelhouse.duration_percentiles.with_duration is 'Of them, those whose duration is known: what follows is of these. With none, it is null.';
comment on column reelhouse.duration_percentiles.average_sec is 'Their mean, whole seconds.';
comment on column reelhouse.duration_percentiles.p50_sec is 'The duration that half of them do not exceed.';
comment on column reelhouse.duration_percentiles.p90_sec is 'The duration that 90 % of them do not exceed.';
comment on column reelhouse.duration_percentiles.p95_sec is 'The duration that 95 % of them do not exceed.';
comment on column reelhouse.duration_percentiles.p99_sec is 'The duration that 99 % of them do not exceed.';
comment on column reelhouse.duration_percentiles.longest_sec is 'The longest.';

-- A call that was transferred is several recordings of one conversation: the customer called once.
create view reelhouse.repeat_callers as
select
  v.customer_phone_number,
  v.portfolio_id,
  count(*) as conversations,
  sum(v.recordings)::bigint as recordings,
  min(v.first_created_at) as first_created_at,
  max(v.last_created_at) as last_created_at
from (
  select
    case r.message_direction when 'inbound' then r.phone_number when 'outbound' then r.number_dialed_by_user end as customer_phone_number,
    r.portfolio_id,
    count(*) as recordings,
    min(r.created_at) as first_created_at,
    max(r.created_at) as last_created_at
  from reelhouse.call_recordings r
  where r.deleted_at is null and r.media = 'audio' and r.message_direction = 'inbound' and r.phone_number is not null
  group by 1, 2, r.connection_key, r.conversation_id
) v
group by 1, 2
having count(*) > 1;
comment on view reelhouse.repeat_callers is 'Customers who called a portfolio more than once, over all time: living inbound audio rows.';
comment on column reelhouse.repeat_callers.customer_phone_number is 'The customer''s number.';
comment on column reelhouse.repeat_callers.portfolio_id is 'Travtus id of the community; null: not mapped yet.';
comment on column reelhouse.repeat_callers.conversations is 'How often the customer called: the recordings of one conversation count once.';
comment on column reelhouse.repeat_callers.recordings is 'Recordings of these calls.';
comment on column reelhouse.repeat_callers.first_created_at is 'When the first began.';
comment on column reelhouse.repeat_callers.last_created_at is 'When the latest began.';

create view reelhouse.repeat_calls as
select
  c.connection_id,
  r.source,
  r.conversation_id,
  r.message_id,
  r.created_at,
  r.portfolio_id,
  case r.message_direction when 'inbound' then r.phone_number when 'outbound' then r.number_dialed_by_user end as customer_phone_number,
  r.call_duration_in_sec,
  b.created_at as previous_created_at,
  b.portfolio_id as previous_portfolio_id,
  r.created_at - b.created_at as after
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
cross join lateral (
  select p.created_at, p.portfolio_id
  from reelhouse.call_recordings p
  where
    case p.message_direction when 'inbound' then p.phone_number when 'outbound' then p.number_dialed_by_user end = r.phone_number
    and p.created_at < r.created_at
    and p.deleted_at is null and p.media = 'audio' and p.message_direction = 'inbound'
    and (p.connection_key, p.conversation_id) <> (r.connection_key, r.conversation_id)
  order by p.created_at desc
  limit 1
) b
where r.deleted_at is null and r.media = 'audio' and r.message_direction = 'inbound';
comment on view reelhouse.repeat_calls is 'Inbound recordings whose customer had called before, in another conversation, with the time since then: living audio rows.';
comment on column reelhouse.repeat_calls.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.repeat_calls.source is 'The kind of system the record came from.';
comment on column reelhouse.repeat_calls.conversation_id is 'The chain the recording belongs to.';
comment on column reelhouse.repeat_calls.message_id is 'The recording.';
comment on column reelhouse.repeat_calls.created_at is 'When it began.';
comment on column reelhouse.repeat_calls.portfolio_id is 'Travtus id of the community; null: not mapped yet.';
comment on column reelhouse.repeat_calls.customer_phone_number is 'The customer''s number.';
comment on column reelhouse.repeat_calls.call_duration_in_sec is 'Whole seconds; null: unknown.';
comment on column reelhouse.repeat_calls.previous_created_at is 'When the latest inbound recording of the customer before it began, whatever the connection and portfolio.';
comment on column reelhouse.repeat_calls.previous_portfolio_id is 'The portfolio of that one.';
comment on column reelhouse.repeat_calls.after is 'Time from the one to the other.';

create view reelhouse.missing_enrichment as
select
  (r.created_at at time zone 'UTC')::date as day,
  c.connection_id,
  r.source,
  r.media,
  count(*) as rows,
  count(*) - count(r.portfolio_id) as without_portfolio,
  count(*) - count(r.message_direction) as without_direction,
  count(*) - count(r.phone_number) as without_calling_number,
  count(*) - count(r.number_dialed_by_user) as without_called_number,
  count(*) - count(coalesce(r.first_name, r.last_name, r.sender_ext_ref, r.email_address)) as without_person,
  count(*) - count(r.message_text) as without_text,
  count(*) - count(r.call_duration_in_sec) as without_duration,
  count(*) - count(r.recording_url) as without_url
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.deleted_at is null
group by 1, 2, 3, 4;
comment on view reelhouse.missing_enrichment is 'How many living rows of a day lack what analysts ask for, by connection, source and media: sum what you do not ask for.';
comment on column reelhouse.missing_enrichment.day is 'The day on which they began, UTC.';
comment on column reelhouse.missing_enrichment.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.missing_enrichment.source is 'The kind of system the records came from.';
comment on column reelhouse.missing_enrichment.media is 'audio, chat, email or message.';
comment on column reelhouse.missing_enrichment.rows is 'Recordings or messages.';
comment on column reelhouse.missing_enrichment.without_portfolio is 'Of them, those that the portfolio map does not place.';
comment on column reelhouse.missing_enrichment.without_direction is 'Those whose direction is unknown: they have no customer_phone_number either.';
comment on column reelhouse.missing_enrichment.without_calling_number is 'Those without phone_number.';
comment on column reelhouse.missing_enrichment.without_called_number is 'Those without number_dialed_by_user.';
comment on column reelhouse.missing_enrichment.without_person is 'Those without anything about the sender but a number: neither name nor sender_ext_ref nor email_address.';
comment on column reelhouse.missing_enrichment.without_text is 'Those without message_text: of audio, the transcript.';
comment on column reelhouse.missing_enrichment.without_duration is 'Those whose duration is unknown.';
comment on column reelhouse.missing_enrichment.without_url is 'Those without recording_url.';

-- What changed since a time includes what was created since: the axes of a stream count together, as in reelhouse status.
create view reelhouse.completeness as
select
  c.connection_id,
  c.source,
  v.stream,
  d.day,
  t.covered,
  t.missing,
  v.covered @> d.span as is_complete,
  s.records,
  s.flattened,
  s.rejected,
  s.skipped,
  s.pending,
  s.deleted
from (
  select k.connection_key, k.stream, range_agg(w) as covered
  from reelhouse.coverage k, unnest(k.covered) w
  group by 1, 2
) v
join reelhouse.connections c using (connection_key)
cross join lateral (
  select g.at::date as day, tstzrange(g.at at time zone 'UTC', (g.at + interval '1 day') at time zone 'UTC') as span
  from generate_series(
    date_trunc('day', lower(v.covered) at time zone 'UTC'),
    (upper(v.covered) - interval '1 microsecond') at time zone 'UTC',
    interval '1 day'
  ) as g (at)
) d
cross join lateral (
  select
    (select coalesce(sum(upper(w) - lower(w)), '0') from unnest(v.covered * tstzmultirange(d.span)) w) as covered,
    (
      select coalesce(sum(upper(w) - lower(w)), '0')
      from unnest((tstzmultirange(range_merge(v.covered)) - v.covered) * tstzmultirange(d.span)) w
    ) as missing
) t
cross join lateral (
  select
    count(*) as records,
    count(*) filter (where r.outcome = 'row') as flattened,
    count(*) filter (where r.outcome = 'reject') as rejected,
    count(*) filter (where r.outcome = 'skip') as skipped,
    count(*) filter (where r.outcome = 'pending') as pending,
    count(*) filter (where r.outcome = 'deleted') as deleted
  from reelhouse.source_records r
  where r.connection_key = v.connection_key and r.stream = v.stream
    and r.window_at >= lower(d.span) and r.window_at < upper(d.span)
) s;
comment on view reelhouse.completeness is 'Each day of a platform''s time from the first to the last that was completely read: how much of it was, and what became of its records. Files have no such days: see freshness and open_rejects.';
comment on column reelhouse.completeness.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.completeness.source is 'The kind of system that is read.';
comment on column reelhouse.completeness.stream is 'The stream.';
comment on column reelhouse.completeness.day is 'The day, UTC, of the time by which the platform lists its records.';
comment on column reelhouse.completeness.covered is 'How much of the day was completely read.';
comment on column reelhouse.completeness.missing is 'How much of it was not, between the first and the last that was: a backfill closes it.';
comment on column reelhouse.completeness.is_complete is 'Whether all of the day was. False on the first and the last day when reading began or ended within them.';
comment on column reelhouse.completeness.records is 'Records of that day: flattened + rejected + skipped + pending + deleted, and those that were forgotten.';
comment on column reelhouse.completeness.flattened is 'Records that are rows.';
comment on column reelhouse.completeness.rejected is 'Records in quarantine.';
comment on column reelhouse.completeness.skipped is 'Records left out for a counted reason.';
comment on column reelhouse.completeness.pending is 'Records that are no row yet.';
comment on column reelhouse.completeness.deleted is 'Records that the platform has deleted, which was proved.';

create or replace view reelhouse.freshness as
select
  c.connection_id,
  c.source,
  s.stream,
  l.state as last_run_state,
  l.started_at as last_run_started_at,
  s.last_succeeded_at,
  now() - s.last_succeeded_at as age,
  lower(v.first_covered) as covered_from,
  upper(v.first_covered) as covered_until
from reelhouse.connections c
join (
  select connection_key, stream, max(run_id) as last_run_id, max(started_at) filter (where state = 'succeeded' and command = 'sync') as last_succeeded_at
  from reelhouse.runs
  group by 1, 2
) s using (connection_key)
join reelhouse.runs l on l.run_id = s.last_run_id
left join lateral (
  select u.w as first_covered
  from (
    select range_agg(r) as covered
    from reelhouse.coverage k, unnest(k.covered) r
    where k.connection_key = c.connection_key and k.stream = s.stream
  ) a
  cross join lateral unnest(a.covered) as u (w)
  order by u.w
  limit 1
) v on true;
comment on column reelhouse.freshness.covered_from is 'Start of the first contiguous time of the platform that was completely read. Null: none was, and for files.';
comment on column reelhouse.freshness.covered_until is 'Its end: up to here nothing is missing. Later time may have been read, behind a gap (coverage_gaps).';
