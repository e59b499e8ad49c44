import type { CliCase } from '../support/cli-case.ts'

/** What nobody may find on the page. */
export const personal = [
  '+15125559321',
  'Wilhelmina',
  'Quartermain',
  'the boiler is leaking',
  'https://audio.example.test',
]

export const hostileId = '<img src=x onerror=alert(1)>&"\'\u202e'
export const longId = `switchboard.${'of-the-north-side.'.repeat(3)}x`

/** Sixty days up to 2026-07-30; the last of them has one row. */
const fill = `
insert into reelhouse.connections (connection_id, source) values
  ('front-desk', 'telnyx'), ('contact-centre', 'genesys'), ($$${hostileId}$$, 'vapi'), ('${longId}', 'files');
insert into reelhouse.call_recordings (
  connection_key, conversation_id, message_id, created_at, portfolio_id, message_text, first_name, last_name, phone_number,
  message_direction, number_dialed_by_user, call_duration_in_sec, recording_url, source, media, record_id, source_ordinal,
  first_loaded_at, last_changed_at, run_id
)
select
  1 + g % 4, 'c' || g, 'm' || g, timestamptz '2026-06-01 12:00Z' + interval '1 day' * (g % 59), case when g % 5 > 0 then 'p' end,
  'the boiler is leaking', 'Wilhelmina', 'Quartermain', '+15125559321',
  case g % 7 when 0 then null when 1 then 'outbound' else 'inbound' end, '+15125550100',
  case when g % 9 > 0 then g * g % 4000 end, 'https://audio.example.test/' || g, 'x', 'audio', 'm' || g, g, now(), now(), 1
from generate_series(1, 1180) g;
insert into reelhouse.call_recordings (connection_key, conversation_id, message_id, created_at, source, media, record_id, source_ordinal, first_loaded_at, last_changed_at, run_id)
values (2, 'c', 'chat', '2026-07-30 03:00Z', 'genesys', 'chat', 'chat', 1, now(), now(), 1);
insert into reelhouse.call_recordings (connection_key, conversation_id, message_id, created_at, source, media, record_id, source_ordinal, first_loaded_at, last_changed_at, run_id, deleted_at)
values (2, 'c', 'deleted', '2026-07-30 03:00Z', 'genesys', 'chat', 'chat', 1, now(), now(), 1, now());
insert into reelhouse.runs (invocation_id, connection_key, stream, command, state, started_at, finished_at)
select gen_random_uuid(), connection_key, 'recordings', 'sync', case connection_key when 4 then 'failed' else 'succeeded' end,
  now() - interval '1 minute' * 5 ^ connection_key, now()
from reelhouse.connections;
insert into reelhouse.coverage (connection_key, stream, axis, covered) values
  (1, 'recordings', 'created_at', '{[2026-05-01Z,2026-06-20 10:00Z), [2026-06-20 10:20Z,2026-07-20Z)}'),
  (2, 'recordings', 'created_at', '{[2026-06-10Z,2026-07-31Z)}'),
  (3, 'recordings', 'updated_at', '{[2026-06-05Z,2026-06-12Z), [2026-06-25Z,2026-07-25Z)}');
insert into reelhouse.rejected_records (connection_key, stream, reject_key, code, path, detail, ordinal, payload_kind, payload, run_id)
select 1 + g % 3, 'recordings', 'k' || g, (array['invalid-instant', 'missing-zone', 'time-in-dst-gap'])[1 + g % 3],
  'Wilhelmina', '+15125559321', 1, 'record', 'the boiler is leaking', 1
from generate_series(1, 25) g;
insert into reelhouse.follow_ups (connection_key, stream, record_id, kind, reason, next_attempt_at, give_up_at, gave_up_at, run_id)
select 1 + g % 2, 'recordings', 'k' || g, case when g % 3 = 0 then 'pending' else 'follow-up' end,
  case when g % 3 = 0 then 'in-progress' else 'transcript' end, now(), now(), case when g % 7 = 0 then now() end, 1
from generate_series(1, 30) g;`

export const config = `connections:\n  - { id: never-synced, source: files, paths: [a.csv], shape: travtus }\n`

export const fillWarehouse = async ({ database }: CliCase): Promise<void> => {
  await database.rows(fill)
}
