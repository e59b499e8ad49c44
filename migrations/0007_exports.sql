-- Deliveries to Travtus: which files were written, and which version of each row was sent last.
-- exported_rows has no foreign keys: a check per row would cost more than the row.

create table reelhouse.exports (
  export_id       bigint generated always as identity primary key,
  invocation_id   uuid not null,
  kind            text not null check (kind in ('changes', 'full', 'range')),
  first_export_id bigint,
  range_from      timestamptz not null,
  range_to        timestamptz not null,
  object_key      text not null,
  state           text not null check (state in ('writing', 'delivering', 'delivered', 'abandoned')),
  attempt         integer not null default 1,
  rows            bigint,
  bytes           bigint,
  completes       boolean not null default false,
  begun_at        timestamptz not null default now(),
  delivered_at    timestamptz,
  check ((state = 'delivered') = (delivered_at is not null))
);
create index exports_open on reelhouse.exports (export_id) where state in ('writing', 'delivering');
comment on table reelhouse.exports is 'One row a file for Travtus, written before the file: a repeat after a kill takes the same row, so the same file name.';
comment on column reelhouse.exports.export_id is 'Key; part of the name of the file.';
comment on column reelhouse.exports.invocation_id is 'The same for all files of one command line.';
comment on column reelhouse.exports.kind is 'changes: rows that changed since they were sent. full: all rows. range: rows of a range of created_at.';
comment on column reelhouse.exports.first_export_id is 'The first file of the same full or range delivery: a row that was sent by it or by a later file is not sent again in this delivery. Null: this is the first.';
comment on column reelhouse.exports.range_from is 'In the name of the file. Of a range: its start by created_at, inclusive. Otherwise the end of the delivery of changes before it, or the created_at of the oldest row.';
comment on column reelhouse.exports.range_to is 'In the name of the file. Of a range: its end by created_at, exclusive. Otherwise until when changes were settled when the file was begun.';
comment on column reelhouse.exports.object_key is 'Path of the file below the folder of deliveries.';
comment on column reelhouse.exports.state is 'writing: nobody can see any of it. delivering: its rows are noted, the file may be there or not. delivered: it is there. abandoned: begun with other settings; its rows go out in another file.';
comment on column reelhouse.exports.attempt is 'How often it was begun.';
comment on column reelhouse.exports.rows is 'Rows in the file; null until they are noted.';
comment on column reelhouse.exports.bytes is 'Size of the file; null until it is delivered.';
comment on column reelhouse.exports.completes is 'Whether nothing of its delivery was left behind it.';
comment on column reelhouse.exports.begun_at is 'When it was first begun.';
comment on column reelhouse.exports.delivered_at is 'When the file was there; null until then.';

create table reelhouse.exported_rows (
  connection_key integer not null,
  message_id     text collate "C" not null,
  row_hash       bytea,
  row_changed_at timestamptz not null,
  export_id      bigint not null,
  primary key (connection_key, message_id)
);
create index exported_rows_by_export on reelhouse.exported_rows (export_id);
comment on table reelhouse.exported_rows is 'Which version of each row Travtus was sent last. Keys and digests only, no field of the row. Whoever erases a row may delete its line here: without a row nothing is sent; whoever keeps it can still tell which file the row was in.';
comment on column reelhouse.exported_rows.connection_key is 'The connection that the row belongs to.';
comment on column reelhouse.exported_rows.message_id is 'The row.';
comment on column reelhouse.exported_rows.row_hash is 'SHA-256 of the 14 fields as they were sent. Null: perhaps sent by a file that was not finished, so it is sent again.';
comment on column reelhouse.exported_rows.row_changed_at is 'call_recordings.last_changed_at of the version that was sent: while it is the same, nothing is compared.';
comment on column reelhouse.exported_rows.export_id is 'The file that it was sent in.';
