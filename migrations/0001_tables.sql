-- Everything lives in the schema reelhouse, which the migrator creates. A landed file is never edited: add another.
-- The migrator creates the tables migrations and migrations_lock before it comes here.
-- call_recordings and source_records have no foreign keys: a check per row would cost more than the row.

comment on schema reelhouse is 'Call recordings, where they came from, and how they were read.';
comment on table reelhouse.migrations is 'Changes of this schema that have been applied.';
comment on column reelhouse.migrations.name is 'File name without .sql.';
comment on column reelhouse.migrations.timestamp is 'When it was applied.';
comment on table reelhouse.migrations_lock is 'The row that migrators lock.';
comment on column reelhouse.migrations_lock.id is 'Key.';
comment on column reelhouse.migrations_lock.is_locked is 'Used on systems without advisory locks only.';

create table reelhouse.connections (
  connection_key      integer generated always as identity primary key,
  connection_id       text collate "C" not null unique,
  source              text not null,
  account_fingerprint text,
  first_seen_at       timestamptz not null default now()
);
comment on table reelhouse.connections is 'One configured account of one source. Rows of every other table name it by its key, so that a rename keeps them.';
comment on column reelhouse.connections.connection_key is 'Surrogate key; part of the key of every data table.';
comment on column reelhouse.connections.connection_id is 'The operator''s name for it, from the configuration.';
comment on column reelhouse.connections.source is 'The kind of system that is read: files, telnyx, ...';
comment on column reelhouse.connections.account_fingerprint is 'Keyed digest of what identifies the account at the source; a change means that the credentials now belong to another account. Null until a source offers one.';
comment on column reelhouse.connections.first_seen_at is 'When the connection was first used with this warehouse.';

create table reelhouse.call_recordings (
  connection_key        integer not null,
  conversation_id       text collate "C" not null,
  message_id            text collate "C" not null,
  created_at            timestamptz not null,
  portfolio_id          text,
  message_text          text,
  first_name            text,
  last_name             text,
  sender_ext_ref        text,
  phone_number          text,
  email_address         text,
  message_direction     text check (message_direction in ('inbound', 'outbound')),
  number_dialed_by_user text,
  call_duration_in_sec  integer check (call_duration_in_sec >= 0),
  recording_url         text,
  source                text not null,
  media                 text not null check (media in ('audio', 'chat', 'email', 'message')),
  record_id             text collate "C" not null,
  recording_status      text check (recording_status in ('processing', 'available', 'archived', 'failed', 'deleted')),
  recording_expires_at  timestamptz,
  deleted_at            timestamptz,
  source_version        bigint,
  source_ordinal        bigint not null,
  map_keys              jsonb,
  stated_portfolio_id   text,
  first_loaded_at       timestamptz not null,
  last_changed_at       timestamptz not null,
  run_id                bigint not null,
  primary key (connection_key, message_id)
);
comment on table reelhouse.call_recordings is 'One row a recording (or message): the 14 Travtus fields and where they came from.';
comment on column reelhouse.call_recordings.connection_key is 'The connection that the row belongs to.';
comment on column reelhouse.call_recordings.conversation_id is 'Travtus field 1: the chain the recording belongs to (call session, conversation).';
comment on column reelhouse.call_recordings.message_id is 'Travtus field 2: the recording (or the chat or email message); unique within its connection.';
comment on column reelhouse.call_recordings.created_at is 'Travtus field 3: when the recording or message began.';
comment on column reelhouse.call_recordings.portfolio_id is 'Travtus field 4: Travtus id of the community, from the portfolio map. Null: not mapped yet.';
comment on column reelhouse.call_recordings.message_text is 'Travtus field 5: transcript or body. Null: none, or not known.';
comment on column reelhouse.call_recordings.first_name is 'Travtus field 6: first name of the sender.';
comment on column reelhouse.call_recordings.last_name is 'Travtus field 7: last name of the sender.';
comment on column reelhouse.call_recordings.sender_ext_ref is 'Travtus field 8: id of the sender in the client''s system of record.';
comment on column reelhouse.call_recordings.phone_number is 'Travtus field 9: the calling party, E.164, whatever the direction.';
comment on column reelhouse.call_recordings.email_address is 'Travtus field 10: email address of the sender.';
comment on column reelhouse.call_recordings.message_direction is 'Travtus field 11: inbound (from a customer) or outbound. Null: unknown, never guessed.';
comment on column reelhouse.call_recordings.number_dialed_by_user is 'Travtus field 12: the called party, E.164, whatever the direction.';
comment on column reelhouse.call_recordings.call_duration_in_sec is 'Travtus field 13: duration in whole seconds. Null: unknown, never 0 for unknown.';
comment on column reelhouse.call_recordings.recording_url is 'Travtus field 14: a stable address of the recording. Signed links die in minutes and are never stored.';
comment on column reelhouse.call_recordings.source is 'The kind of system the record came from: files, telnyx, ...';
comment on column reelhouse.call_recordings.media is 'audio, chat, email or message.';
comment on column reelhouse.call_recordings.record_id is 'The record (source_records.record_id) that the row was made of.';
comment on column reelhouse.call_recordings.recording_status is 'processing, available, archived, failed or deleted. Null: the source does not say.';
comment on column reelhouse.call_recordings.recording_expires_at is 'When the source will delete the recording, where it says so.';
comment on column reelhouse.call_recordings.deleted_at is 'When it was proved that the source deleted the recording. Cleared when it is seen again.';
comment on column reelhouse.call_recordings.source_version is 'Version as the source states it; microseconds since 1970 when it is an instant. Null: none is stated. The highest wins.';
comment on column reelhouse.call_recordings.source_ordinal is 'Order among equal versions: when the record was read in microseconds since 1970, plus its number within its file or page.';
comment on column reelhouse.call_recordings.map_keys is 'What the portfolio map may match besides the numbers of the row, by attribute. Null: nothing.';
comment on column reelhouse.call_recordings.stated_portfolio_id is 'The portfolio that the source itself stated; it wins over the portfolio map. Null: it states none.';
comment on column reelhouse.call_recordings.first_loaded_at is 'When the row was first loaded.';
comment on column reelhouse.call_recordings.last_changed_at is 'When the content of the row last changed; a new version with equal content leaves it alone.';
comment on column reelhouse.call_recordings.run_id is 'The run that last wrote the row.';

create table reelhouse.source_records (
  connection_key integer not null,
  stream         text collate "C" not null,
  record_id      text collate "C" not null,
  parent_id      text collate "C",
  window_at      timestamptz,
  version        bigint,
  ordinal        bigint not null,
  outcome        text not null check (outcome in ('row', 'reject', 'skip', 'pending', 'forgotten')),
  reason         text,
  payload        text,
  payload_hash   text collate "C",
  read_at        timestamptz not null,
  run_id         bigint not null,
  primary key (connection_key, stream, record_id)
);
create index source_records_window on reelhouse.source_records (connection_key, stream, window_at) where window_at is not null;
comment on table reelhouse.source_records is 'One row a record as it was read: whether it was read already, what is in a window, what replay needs.';
comment on column reelhouse.source_records.connection_key is 'The connection that the record belongs to.';
comment on column reelhouse.source_records.stream is 'The stream of its source, such as recordings.';
comment on column reelhouse.source_records.record_id is 'Id of the record at the source.';
comment on column reelhouse.source_records.parent_id is 'Id of what it belongs to at the source (the conversation), where one is needed to read it again.';
comment on column reelhouse.source_records.window_at is 'Its time on the axis of the stream. Null for files.';
comment on column reelhouse.source_records.version is 'Version as the source states it; null when it states none.';
comment on column reelhouse.source_records.ordinal is 'Order among equal versions, as in call_recordings.source_ordinal.';
comment on column reelhouse.source_records.outcome is 'What became of it: row, reject, skip, pending or forgotten.';
comment on column reelhouse.source_records.reason is 'Why, for every outcome but row.';
comment on column reelhouse.source_records.payload is 'The record as canonical JSON text without signed links. Null when payloads are not kept or have aged out.';
comment on column reelhouse.source_records.payload_hash is 'SHA-256 of the canonical payload, hex. Null when payloads are not kept.';
comment on column reelhouse.source_records.read_at is 'When this version was read.';
comment on column reelhouse.source_records.run_id is 'The run that last wrote the row.';

create table reelhouse.runs (
  run_id         bigint generated always as identity primary key,
  invocation_id  uuid not null,
  connection_key integer not null references reelhouse.connections,
  stream         text not null,
  command        text not null check (command in ('sync', 'backfill', 'replay', 'remap', 'verify')),
  state          text not null default 'running' check (state in ('running', 'succeeded', 'failed', 'stopped', 'abandoned')),
  started_at     timestamptz not null default now(),
  finished_at    timestamptz,
  listed         bigint not null default 0,
  flattened      bigint not null default 0,
  rejected       bigint not null default 0,
  skipped        bigint not null default 0,
  pending        bigint not null default 0,
  rows           bigint not null default 0,
  inserted       bigint not null default 0,
  updated        bigint not null default 0,
  unchanged      bigint not null default 0,
  stale          bigint not null default 0,
  duplicate      bigint not null default 0,
  tallies        jsonb not null default '{}',
  error          text,
  constraint runs_every_record_accounted_for check (listed = flattened + rejected + skipped + pending),
  constraint runs_every_row_accounted_for check (rows = inserted + updated + unchanged + stale + duplicate)
);
create index runs_running on reelhouse.runs (connection_key) where state = 'running';
create index runs_latest on reelhouse.runs (connection_key, stream, run_id desc);
comment on table reelhouse.runs is 'One row per invocation, connection and stream, with what it read and what it wrote. Counters are committed with their batch.';
comment on column reelhouse.runs.run_id is 'Key; on every row that the run wrote.';
comment on column reelhouse.runs.invocation_id is 'The same for all runs of one command line.';
comment on column reelhouse.runs.connection_key is 'The connection that was read.';
comment on column reelhouse.runs.stream is 'The stream that was read.';
comment on column reelhouse.runs.command is 'sync, backfill, replay, remap or verify.';
comment on column reelhouse.runs.state is 'running, succeeded, failed, stopped (by the operator) or abandoned (its process died).';
comment on column reelhouse.runs.started_at is 'When the run began.';
comment on column reelhouse.runs.finished_at is 'When it ended; null while it runs.';
comment on column reelhouse.runs.listed is 'Records the source listed: flattened + rejected + skipped + pending.';
comment on column reelhouse.runs.flattened is 'Records that became rows.';
comment on column reelhouse.runs.rejected is 'Records in quarantine.';
comment on column reelhouse.runs.skipped is 'Records left out for a counted reason (see tallies).';
comment on column reelhouse.runs.pending is 'Records that are no row yet.';
comment on column reelhouse.runs.rows is 'Rows made of them: inserted + updated + unchanged + stale + duplicate.';
comment on column reelhouse.runs.inserted is 'Rows that were new.';
comment on column reelhouse.runs.updated is 'Rows that were written over an older version.';
comment on column reelhouse.runs.unchanged is 'Rows stored already with equal content; nothing was written.';
comment on column reelhouse.runs.stale is 'Rows older than what is stored; nothing was written.';
comment on column reelhouse.runs.duplicate is 'Rows superseded by another row of the same batch.';
comment on column reelhouse.runs.tallies is 'Counts by reason: skips, cleaned characters, ambiguous times, unmapped rows.';
comment on column reelhouse.runs.error is 'Why it failed, without secrets.';

create table reelhouse.windows (
  window_key       bigint generated always as identity primary key,
  connection_key   integer not null references reelhouse.connections,
  stream           text collate "C" not null,
  axis             text not null,
  window_from      timestamptz not null,
  window_to        timestamptz not null,
  purpose          text not null check (purpose in ('sync', 'reread', 'backfill', 'verify')),
  state            text not null check (state in ('planned', 'running', 'complete', 'failed')),
  attempt          integer not null default 0,
  lease_expires_at timestamptz,
  run_id           bigint references reelhouse.runs on delete set null,
  source_total     bigint,
  proof            text check (proof in ('total', 'walk', 'best-effort')),
  listed           bigint,
  flattened        bigint,
  rejected         bigint,
  skipped          bigint,
  pending          bigint,
  error            text,
  completed_at     timestamptz,
  check (window_from < window_to),
  check (listed is null or listed = flattened + rejected + skipped + pending)
);
create index windows_due on reelhouse.windows (connection_key, stream, axis, window_from) where state <> 'complete';
create index windows_by_run on reelhouse.windows (run_id);
create index windows_by_time on reelhouse.windows (connection_key, stream, axis, window_from);
comment on table reelhouse.windows is 'Windows as planned and read: the ledger of what the source said and what arrived.';
comment on column reelhouse.windows.window_key is 'Key.';
comment on column reelhouse.windows.connection_key is 'The connection.';
comment on column reelhouse.windows.stream is 'The stream.';
comment on column reelhouse.windows.axis is 'The time of the source on which the window lies, such as created_at.';
comment on column reelhouse.windows.window_from is 'Start of the window, inclusive.';
comment on column reelhouse.windows.window_to is 'End of the window, exclusive.';
comment on column reelhouse.windows.purpose is 'sync, reread, backfill or verify.';
comment on column reelhouse.windows.state is 'planned, running, complete or failed.';
comment on column reelhouse.windows.attempt is 'How often reading it was begun.';
comment on column reelhouse.windows.lease_expires_at is 'Until when the run that reads it may be believed alive.';
comment on column reelhouse.windows.run_id is 'The run that read it last.';
comment on column reelhouse.windows.source_total is 'How many records the source said the window has, where it says so.';
comment on column reelhouse.windows.proof is 'How completeness was shown: total, walk or best-effort.';
comment on column reelhouse.windows.listed is 'Records that the completing attempt listed.';
comment on column reelhouse.windows.flattened is 'Of them, records that became rows.';
comment on column reelhouse.windows.rejected is 'Of them, records in quarantine.';
comment on column reelhouse.windows.skipped is 'Of them, records left out for a counted reason.';
comment on column reelhouse.windows.pending is 'Of them, records that are no row yet.';
comment on column reelhouse.windows.error is 'Why the last attempt failed, without secrets.';
comment on column reelhouse.windows.completed_at is 'When it was complete.';

create table reelhouse.coverage (
  connection_key integer not null references reelhouse.connections,
  stream         text collate "C" not null,
  axis           text collate "C" not null,
  covered        tstzmultirange not null default '{}',
  updated_at     timestamptz not null default now(),
  primary key (connection_key, stream, axis)
);
comment on table reelhouse.coverage is 'The time that has been completely read, per stream and axis. It only grows; the cursor is its contiguous end.';
comment on column reelhouse.coverage.connection_key is 'The connection.';
comment on column reelhouse.coverage.stream is 'The stream.';
comment on column reelhouse.coverage.axis is 'The time of the source it is measured on.';
comment on column reelhouse.coverage.covered is 'The windows read completely, united.';
comment on column reelhouse.coverage.updated_at is 'When it last grew.';

create table reelhouse.follow_ups (
  connection_key  integer not null,
  stream          text collate "C" not null,
  record_id       text collate "C" not null,
  parent_id       text collate "C",
  kind            text not null check (kind in ('pending', 'follow-up')),
  reason          text not null,
  attempts        integer not null default 0,
  next_attempt_at timestamptz not null,
  give_up_at      timestamptz not null,
  gave_up_at      timestamptz,
  created_at      timestamptz not null default now(),
  run_id          bigint not null,
  primary key (connection_key, stream, record_id)
);
create index follow_ups_due on reelhouse.follow_ups (connection_key, stream, next_attempt_at) where gave_up_at is null;
comment on table reelhouse.follow_ups is 'Records that are due again: no row yet (pending), or a row whose join is still open (follow-up).';
comment on column reelhouse.follow_ups.connection_key is 'The connection.';
comment on column reelhouse.follow_ups.stream is 'The stream.';
comment on column reelhouse.follow_ups.record_id is 'The record to read again.';
comment on column reelhouse.follow_ups.parent_id is 'What it belongs to at the source, where one is needed to read it.';
comment on column reelhouse.follow_ups.kind is 'pending: it is no row yet. follow-up: it is a row that lacks something.';
comment on column reelhouse.follow_ups.reason is 'What is waited for.';
comment on column reelhouse.follow_ups.attempts is 'How often it was read again.';
comment on column reelhouse.follow_ups.next_attempt_at is 'When it is due.';
comment on column reelhouse.follow_ups.give_up_at is 'When waiting ends.';
comment on column reelhouse.follow_ups.gave_up_at is 'When waiting ended without success; null while it is waited for.';
comment on column reelhouse.follow_ups.created_at is 'Since when it is waited for.';
comment on column reelhouse.follow_ups.run_id is 'The run that last wrote the row.';

create table reelhouse.rejected_records (
  connection_key integer not null,
  stream         text collate "C" not null,
  reject_key     text collate "C" not null,
  code           text not null,
  path           text,
  detail         text not null,
  version        bigint,
  ordinal        bigint not null,
  payload_kind   text not null check (payload_kind in ('record', 'text', 'base64')),
  payload        text,
  content_hash   text collate "C",
  file_ordinal   bigint,
  file_name      text,
  line           bigint,
  first_seen_at  timestamptz not null default now(),
  last_changed_at timestamptz not null default now(),
  resolved_at    timestamptz,
  run_id         bigint not null,
  primary key (connection_key, stream, reject_key)
);
create index rejected_records_open on reelhouse.rejected_records (connection_key, stream, code) where resolved_at is null;
create index rejected_records_by_file on reelhouse.rejected_records (connection_key, content_hash, file_ordinal) where resolved_at is null;
comment on table reelhouse.rejected_records is 'Quarantine: records that cannot become a row, with the reason and what was read. Success resolves them.';
comment on column reelhouse.rejected_records.connection_key is 'The connection that was read.';
comment on column reelhouse.rejected_records.stream is 'The stream.';
comment on column reelhouse.rejected_records.reject_key is 'Id of the record; or, where it could not be read, <content hash of the file>:<number of the record>.';
comment on column reelhouse.rejected_records.code is 'The reason, for counting: missing-id, time-in-dst-gap, ...';
comment on column reelhouse.rejected_records.path is 'The column or field that is wrong; null when it is the record as a whole.';
comment on column reelhouse.rejected_records.detail is 'What was found and what is allowed.';
comment on column reelhouse.rejected_records.version is 'Version of the record, as in call_recordings.source_version; once resolved, the version that was loaded.';
comment on column reelhouse.rejected_records.ordinal is 'Order among equal versions, as in call_recordings.source_ordinal.';
comment on column reelhouse.rejected_records.payload_kind is 'record: JSON of the record as read. text: a line that could not be read. base64: bytes that are no text.';
comment on column reelhouse.rejected_records.payload is 'What was read, without signed links. Null once it has aged out.';
comment on column reelhouse.rejected_records.content_hash is 'SHA-256 of the file it came from, hex; null for APIs.';
comment on column reelhouse.rejected_records.file_ordinal is 'Number of the record within the file, from 0; null for APIs.';
comment on column reelhouse.rejected_records.file_name is 'The file it came from; null for APIs.';
comment on column reelhouse.rejected_records.line is 'Line of the file on which the record starts, from 1; null for APIs.';
comment on column reelhouse.rejected_records.first_seen_at is 'When it was first rejected.';
comment on column reelhouse.rejected_records.last_changed_at is 'When reason, content or resolution last changed.';
comment on column reelhouse.rejected_records.resolved_at is 'When a version of the record at least as new was loaded; null while it is open.';
comment on column reelhouse.rejected_records.run_id is 'The run that last wrote the row.';

create table reelhouse.loaded_files (
  file_key          bigint generated always as identity primary key,
  connection_key    integer not null references reelhouse.connections,
  content_hash      text collate "C" not null,
  mapping_hash      text collate "C" not null,
  file_name         text not null,
  content_bytes     bigint not null,
  version           bigint,
  ordinal_base      bigint not null,
  state             text not null check (state in ('loading', 'loaded')),
  forced            boolean not null default false,
  records_committed bigint not null default 0,
  records_total     bigint,
  flattened         bigint not null default 0,
  rejected          bigint not null default 0,
  skipped           bigint not null default 0,
  first_seen_at     timestamptz not null default now(),
  loaded_at         timestamptz,
  run_id            bigint not null,
  unique (connection_key, content_hash, mapping_hash),
  check (records_committed = flattened + rejected + skipped)
);
create index loaded_files_order on reelhouse.loaded_files (connection_key, ordinal_base);
create index loaded_files_by_name on reelhouse.loaded_files (connection_key, file_name, ordinal_base);
comment on table reelhouse.loaded_files is 'Ledger of dump files by content: what was loaded with which mapping, and how far.';
comment on column reelhouse.loaded_files.file_key is 'Key.';
comment on column reelhouse.loaded_files.connection_key is 'The connection whose paths name the file.';
comment on column reelhouse.loaded_files.content_hash is 'SHA-256 of the bytes as stored, hex. The same content under another name is known.';
comment on column reelhouse.loaded_files.mapping_hash is 'SHA-256 of the settings that decide what becomes of a record, hex. A corrected mapping loads the file again.';
comment on column reelhouse.loaded_files.file_name is 'The name it was last loaded under.';
comment on column reelhouse.loaded_files.content_bytes is 'Size after decompression.';
comment on column reelhouse.loaded_files.version is 'Version of records that state none, fixed when the content was first loaded. Null: none.';
comment on column reelhouse.loaded_files.ordinal_base is 'source_ordinal of its first record: later loads have higher ones, so that of equal versions the one loaded later wins.';
comment on column reelhouse.loaded_files.state is 'loading: some of it is committed, and the next sync goes on from there. loaded: all of it.';
comment on column reelhouse.loaded_files.forced is 'Loaded again by force: what records become now wins over what the same records became before.';
comment on column reelhouse.loaded_files.records_committed is 'The contiguous prefix of its records that is committed: flattened + rejected + skipped.';
comment on column reelhouse.loaded_files.records_total is 'Records in the file; null until it has been read to its end.';
comment on column reelhouse.loaded_files.flattened is 'Records that became rows.';
comment on column reelhouse.loaded_files.rejected is 'Records in quarantine.';
comment on column reelhouse.loaded_files.skipped is 'Records left out for a counted reason.';
comment on column reelhouse.loaded_files.first_seen_at is 'When this content was first seen with this mapping.';
comment on column reelhouse.loaded_files.loaded_at is 'When it was completely loaded; null while it is not.';
comment on column reelhouse.loaded_files.run_id is 'The run that last wrote the row.';

create table reelhouse.seen_files (
  connection_key integer not null references reelhouse.connections,
  file_name      text collate "C" not null,
  size_bytes     bigint not null,
  modified_at    bigint not null,
  content_hash   text collate "C" not null,
  content_bytes  bigint not null,
  seen_at        timestamptz not null default now(),
  primary key (connection_key, file_name)
);
comment on table reelhouse.seen_files is 'Outward marks of dump files as last read: a file that still has them is not read again to learn its content hash.';
comment on column reelhouse.seen_files.connection_key is 'The connection whose paths name the file.';
comment on column reelhouse.seen_files.file_name is 'Name relative to the configuration''s folder.';
comment on column reelhouse.seen_files.size_bytes is 'Size as stored.';
comment on column reelhouse.seen_files.modified_at is 'Time of the last change of the file, microseconds since 1970.';
comment on column reelhouse.seen_files.content_hash is 'SHA-256 of its bytes, hex: the key into loaded_files.';
comment on column reelhouse.seen_files.content_bytes is 'Size after decompression.';
comment on column reelhouse.seen_files.seen_at is 'When it was read.';

create table reelhouse.forgotten (
  forgotten_key   bigint generated always as identity primary key,
  kind            text not null check (kind in ('phone', 'email', 'conversation', 'record')),
  identifier_hmac text collate "C" not null,
  cut_off         timestamptz not null,
  forgotten_at    timestamptz not null default now(),
  unique (kind, identifier_hmac)
);
comment on table reelhouse.forgotten is 'Persons and records erased on request: keyed digests only, so that no read of older data brings them back.';
comment on column reelhouse.forgotten.forgotten_key is 'Key.';
comment on column reelhouse.forgotten.kind is 'What the digest is of: phone, email, conversation or record.';
comment on column reelhouse.forgotten.identifier_hmac is 'HMAC-SHA-256 of the identifier with the operator''s secret, hex.';
comment on column reelhouse.forgotten.cut_off is 'What began before this instant stays erased; later calls of the same person load.';
comment on column reelhouse.forgotten.forgotten_at is 'When it was asked for.';
