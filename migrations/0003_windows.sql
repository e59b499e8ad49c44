-- What reading windows of an API needs: what a listing showed of a record, re-reads, backfills.

alter table reelhouse.source_records
  add column joined_version bigint,
  add column fingerprint text collate "C",
  drop constraint source_records_outcome_check,
  add constraint source_records_outcome_check check (outcome in ('row', 'reject', 'skip', 'pending', 'deleted', 'forgotten'));
comment on column reelhouse.source_records.outcome is 'What became of it: row, reject, skip, pending, deleted (at the source, which was proved) or forgotten.';
comment on column reelhouse.source_records.joined_version is 'Newest version of what was joined to it from elsewhere (a transcript). Null: nothing was, or files.';
comment on column reelhouse.source_records.fingerprint is 'Digest of what the listing showed of it, without volatile values: one that is listed with the same is not read again. Null: it was not listed, or files.';

-- Costs nothing for sources whose records are one row each.
create index call_recordings_by_record on reelhouse.call_recordings (connection_key, record_id) where record_id <> message_id;

alter table reelhouse.coverage add column rereads jsonb not null default '{}';
comment on column reelhouse.coverage.rereads is 'When each re-read was last begun that completed, by name: microseconds since 1970.';
comment on column reelhouse.coverage.updated_at is 'When covered last grew.';

-- A window that the clock of the source had not reached is complete and empty: nothing was read.
alter table reelhouse.windows
  add column planned_for tstzrange,
  drop constraint windows_check,
  add constraint windows_from_before_to check (window_from <= window_to);
create index windows_unfinished on reelhouse.windows (connection_key, stream, axis, planned_for, window_from)
  where planned_for is not null and state <> 'complete';
create index windows_planned on reelhouse.windows (connection_key, stream, planned_for) where planned_for is not null;
comment on column reelhouse.windows.planned_for is 'The whole range of the backfill that the window belongs to. Null: it belongs to none.';
comment on column reelhouse.windows.window_to is 'End of the window, exclusive; of a complete one the end of what was read.';

create view reelhouse.coverage_gaps as
select c.connection_id, v.stream, v.axis, lower(g.gap) as gap_from, upper(g.gap) as gap_to
from reelhouse.coverage v
join reelhouse.connections c using (connection_key)
cross join lateral unnest(tstzmultirange(range_merge(v.covered)) - v.covered) as g (gap);
comment on view reelhouse.coverage_gaps is 'Time between the first and the last that was completely read which was not: a backfill closes it.';
comment on column reelhouse.coverage_gaps.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.coverage_gaps.stream is 'The stream.';
comment on column reelhouse.coverage_gaps.axis is 'The time of the source it is measured on.';
comment on column reelhouse.coverage_gaps.gap_from is 'Start of the gap, inclusive.';
comment on column reelhouse.coverage_gaps.gap_to is 'End of the gap, exclusive.';

create view reelhouse.open_follow_ups as
select
  c.connection_id,
  f.stream,
  f.kind,
  f.reason,
  count(*) filter (where f.gave_up_at is null) as waiting,
  count(*) filter (where f.gave_up_at is not null) as given_up,
  min(f.created_at) filter (where f.gave_up_at is null) as waiting_since,
  min(f.next_attempt_at) filter (where f.gave_up_at is null) as next_attempt_at
from reelhouse.follow_ups f
join reelhouse.connections c using (connection_key)
group by 1, 2, 3, 4;
comment on view reelhouse.open_follow_ups is 'Records that are due again, by what is waited for, without any content of records.';
comment on column reelhouse.open_follow_ups.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.open_follow_ups.stream is 'The stream.';
comment on column reelhouse.open_follow_ups.kind is 'pending: no row yet. follow-up: a row that lacks something.';
comment on column reelhouse.open_follow_ups.reason is 'What is waited for.';
comment on column reelhouse.open_follow_ups.waiting is 'Records that are read again.';
comment on column reelhouse.open_follow_ups.given_up is 'Records for which waiting ended without success.';
comment on column reelhouse.open_follow_ups.waiting_since is 'Since when the longest waiting of them is waited for.';
comment on column reelhouse.open_follow_ups.next_attempt_at is 'When the next of them is due.';

comment on column reelhouse.connections.account_fingerprint is 'Digest of the credentials and the address that were used last. When it changes, the source must show some of what is stored before anything is read with them. Null: files, or never read.';
