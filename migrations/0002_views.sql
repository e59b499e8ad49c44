create view reelhouse.travtus_call_recordings as
select
  conversation_id::text as conversation_id,
  message_id::text as message_id,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') as created_at,
  portfolio_id,
  message_text,
  first_name,
  last_name,
  sender_ext_ref,
  phone_number,
  email_address,
  message_direction,
  number_dialed_by_user,
  call_duration_in_sec::text as call_duration_in_sec,
  recording_url
from reelhouse.call_recordings
where deleted_at is null and media = 'audio';
comment on view reelhouse.travtus_call_recordings is 'Exactly the 14 Travtus fields, in their documented order, all text: living audio rows only.';
comment on column reelhouse.travtus_call_recordings.conversation_id is 'Travtus field 1: the chain the recording belongs to.';
comment on column reelhouse.travtus_call_recordings.message_id is 'Travtus field 2: the recording.';
comment on column reelhouse.travtus_call_recordings.created_at is 'Travtus field 3: when the recording began, UTC, YYYY-MM-DDThh:mm:ss.';
comment on column reelhouse.travtus_call_recordings.portfolio_id is 'Travtus field 4: Travtus id of the community.';
comment on column reelhouse.travtus_call_recordings.message_text is 'Travtus field 5: transcript.';
comment on column reelhouse.travtus_call_recordings.first_name is 'Travtus field 6: first name of the sender.';
comment on column reelhouse.travtus_call_recordings.last_name is 'Travtus field 7: last name of the sender.';
comment on column reelhouse.travtus_call_recordings.sender_ext_ref is 'Travtus field 8: id of the sender in the client''s system of record.';
comment on column reelhouse.travtus_call_recordings.phone_number is 'Travtus field 9: the calling party, E.164.';
comment on column reelhouse.travtus_call_recordings.email_address is 'Travtus field 10: email address of the sender.';
comment on column reelhouse.travtus_call_recordings.message_direction is 'Travtus field 11: inbound or outbound.';
comment on column reelhouse.travtus_call_recordings.number_dialed_by_user is 'Travtus field 12: the called party, E.164.';
comment on column reelhouse.travtus_call_recordings.call_duration_in_sec is 'Travtus field 13: whole seconds, decimal digits.';
comment on column reelhouse.travtus_call_recordings.recording_url is 'Travtus field 14: stable address of the recording.';

create view reelhouse.recordings as
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
  r.last_changed_at
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.deleted_at is null;
comment on view reelhouse.recordings is 'Living rows of all media, typed, with the name of their connection and both parties'' numbers by role.';
comment on column reelhouse.recordings.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.recordings.source is 'The kind of system the record came from.';
comment on column reelhouse.recordings.media is 'audio, chat, email or message.';
comment on column reelhouse.recordings.conversation_id is 'The chain the recording belongs to.';
comment on column reelhouse.recordings.message_id is 'The recording or message.';
comment on column reelhouse.recordings.created_at is 'When it began.';
comment on column reelhouse.recordings.portfolio_id is 'Travtus id of the community; null: not mapped yet.';
comment on column reelhouse.recordings.message_direction is 'inbound or outbound; null: unknown.';
comment on column reelhouse.recordings.phone_number is 'The calling party, E.164.';
comment on column reelhouse.recordings.number_dialed_by_user is 'The called party, E.164.';
comment on column reelhouse.recordings.customer_phone_number is 'The customer''s number whatever the direction; null while the direction is unknown.';
comment on column reelhouse.recordings.own_number is 'Our number whatever the direction; null while the direction is unknown.';
comment on column reelhouse.recordings.first_name is 'First name of the sender.';
comment on column reelhouse.recordings.last_name is 'Last name of the sender.';
comment on column reelhouse.recordings.sender_ext_ref is 'Id of the sender in the client''s system of record.';
comment on column reelhouse.recordings.email_address is 'Email address of the sender.';
comment on column reelhouse.recordings.call_duration_in_sec is 'Whole seconds; null: unknown.';
comment on column reelhouse.recordings.message_text is 'Transcript or body.';
comment on column reelhouse.recordings.recording_url is 'Stable address of the recording.';
comment on column reelhouse.recordings.recording_status is 'processing, available, archived, failed or deleted.';
comment on column reelhouse.recordings.recording_expires_at is 'When the source will delete the recording, where it says so.';
comment on column reelhouse.recordings.last_changed_at is 'When the content of the row last changed.';

create view reelhouse.unmapped_numbers as
select
  c.connection_id,
  case r.message_direction when 'inbound' then r.number_dialed_by_user when 'outbound' then r.phone_number end as own_number,
  r.number_dialed_by_user as called_number,
  count(*) as rows,
  min(r.created_at) as first_created_at,
  max(r.created_at) as last_created_at
from reelhouse.call_recordings r
join reelhouse.connections c using (connection_key)
where r.portfolio_id is null and r.deleted_at is null
group by 1, 2, 3;
comment on view reelhouse.unmapped_numbers is 'Living rows that the portfolio map does not place, by number: what to add to the map.';
comment on column reelhouse.unmapped_numbers.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.unmapped_numbers.own_number is 'Our number; null while the direction is unknown.';
comment on column reelhouse.unmapped_numbers.called_number is 'The called number.';
comment on column reelhouse.unmapped_numbers.rows is 'Rows without a portfolio.';
comment on column reelhouse.unmapped_numbers.first_created_at is 'The oldest of them.';
comment on column reelhouse.unmapped_numbers.last_created_at is 'The newest of them.';

create view reelhouse.open_rejects as
select c.connection_id, r.stream, r.code, r.path, count(*) as records, min(r.first_seen_at) as first_seen_at, max(r.last_changed_at) as last_changed_at
from reelhouse.rejected_records r
join reelhouse.connections c using (connection_key)
where r.resolved_at is null
group by 1, 2, 3, 4;
comment on view reelhouse.open_rejects is 'Quarantine by reason, without any content of records.';
comment on column reelhouse.open_rejects.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.open_rejects.stream is 'The stream.';
comment on column reelhouse.open_rejects.code is 'The reason.';
comment on column reelhouse.open_rejects.path is 'The column or field that is wrong.';
comment on column reelhouse.open_rejects.records is 'Records in quarantine.';
comment on column reelhouse.open_rejects.first_seen_at is 'When the first of them was rejected.';
comment on column reelhouse.open_rejects.last_changed_at is 'When the latest of them changed.';

create view reelhouse.freshness as
select
  c.connection_id,
  c.source,
  s.stream,
  l.state as last_run_state,
  l.started_at as last_run_started_at,
  s.last_succeeded_at,
  now() - s.last_succeeded_at as age
from reelhouse.connections c
join (
  select connection_key, stream, max(run_id) as last_run_id, max(started_at) filter (where state = 'succeeded' and command = 'sync') as last_succeeded_at
  from reelhouse.runs
  group by 1, 2
) s using (connection_key)
join reelhouse.runs l on l.run_id = s.last_run_id;
comment on view reelhouse.freshness is 'How long ago each stream was last completely synced.';
comment on column reelhouse.freshness.connection_id is 'The operator''s name for the connection.';
comment on column reelhouse.freshness.source is 'The kind of system that is read.';
comment on column reelhouse.freshness.stream is 'The stream.';
comment on column reelhouse.freshness.last_run_state is 'State of the latest run.';
comment on column reelhouse.freshness.last_run_started_at is 'When the latest run began.';
comment on column reelhouse.freshness.last_succeeded_at is 'When the latest sync that succeeded began: everything older is in the warehouse.';
comment on column reelhouse.freshness.age is 'Time since then.';
