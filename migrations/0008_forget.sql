-- What `reelhouse forget` keeps of whom it erased, and its own trace. Nothing wrote to reelhouse.forgotten before.

alter table reelhouse.forgotten
  drop constraint forgotten_kind_check,
  drop constraint forgotten_kind_identifier_hmac_key,
  add column key_fingerprint text collate "C" not null,
  add column connection_key integer,
  add constraint forgotten_kind_check check (kind in ('phone', 'digits', 'email', 'conversation', 'record')),
  add constraint forgotten_once unique nulls not distinct (kind, identifier_hmac, connection_key);
comment on table reelhouse.forgotten is 'Persons and records erased on request: keyed digests only, so that no read of older data brings them back. Batches that are committed read what is new here, by forgotten_key: rows are added, never changed.';
comment on column reelhouse.forgotten.forgotten_key is 'Key; what is added later has a higher one.';
comment on column reelhouse.forgotten.kind is 'What the digest is of: phone (E.164), digits (of that number as a text may write it), email, conversation or record.';
comment on column reelhouse.forgotten.cut_off is 'What began before this instant stays erased; later calls of the same person load. Of a record: when it was erased, and it stays so.';
comment on column reelhouse.forgotten.key_fingerprint is 'Which secret the digest was made with, so that a changed one is noticed.';
comment on column reelhouse.forgotten.connection_key is 'The connection whose rows it is about; null: all of them.';

create table reelhouse.forget_requests (
  request_key     bigint generated always as identity primary key,
  invocation_id   uuid not null,
  kind            text not null check (kind in ('phone', 'email', 'conversation')),
  identifier_hmac text collate "C" not null,
  key_fingerprint text collate "C" not null,
  connection_key  integer references reelhouse.connections,
  requested_at    timestamptz not null default now(),
  cut_off         timestamptz not null,
  erased_at       timestamptz,
  rows            bigint not null default 0,
  records         bigint not null default 0,
  rejects         bigint not null default 0,
  follow_ups      bigint not null default 0,
  sent_rows       bigint not null default 0
);
comment on table reelhouse.forget_requests is 'Who was forgotten, and when: keyed digests and counts, nothing that names a person.';
comment on column reelhouse.forget_requests.request_key is 'Key.';
comment on column reelhouse.forget_requests.invocation_id is 'The command line that erased, or was to.';
comment on column reelhouse.forget_requests.kind is 'What the person was named by: phone, email or conversation.';
comment on column reelhouse.forget_requests.identifier_hmac is 'HMAC-SHA-256 of it with the operator''s secret, hex.';
comment on column reelhouse.forget_requests.key_fingerprint is 'Which secret the digest was made with.';
comment on column reelhouse.forget_requests.connection_key is 'The connection whose rows it is about; null: all of them.';
comment on column reelhouse.forget_requests.requested_at is 'When it was asked for first.';
comment on column reelhouse.forget_requests.cut_off is 'What began before this instant stays erased.';
comment on column reelhouse.forget_requests.erased_at is 'When everything was erased; null: the command did not end, run it again.';
comment on column reelhouse.forget_requests.rows is 'Rows of call_recordings that were erased.';
comment on column reelhouse.forget_requests.records is 'Records that were erased, with their payloads.';
comment on column reelhouse.forget_requests.rejects is 'Records in quarantine that were erased.';
comment on column reelhouse.forget_requests.follow_ups is 'Records that were waited for, and are not any more.';
comment on column reelhouse.forget_requests.sent_rows is 'Rows of the export ledger that were erased: files that were sent have them still.';

comment on column reelhouse.source_records.outcome is 'What became of it: row, reject, skip, pending or deleted (at the source, which was proved). What was forgotten has no row here, but a digest in forgotten.';
