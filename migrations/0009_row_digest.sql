-- New rows may be copied into the table at once. Rows that a source states again as they are stored are told by a digest,
-- before all that they say is sent and compared.

alter table reelhouse.call_recordings
  add column row_digest bigint,
  alter column first_loaded_at set default now(),
  alter column last_changed_at set default now();
comment on column reelhouse.call_recordings.row_digest is 'Digest of what the source last said of the row, as long as nothing else has changed the row since. Null: unknown; then it is compared column by column.';

create function reelhouse.forget_row_digest() returns trigger language plpgsql as $$
begin
  new.row_digest := null;
  return new;
end
$$;
comment on function reelhouse.forget_row_digest is 'A row that is changed and keeps its digest no longer says what the digest is of.';

create trigger forget_row_digest
before update on reelhouse.call_recordings
for each row
when (old.row_digest = new.row_digest and old is distinct from new)
execute function reelhouse.forget_row_digest();

-- Also for what a replication or a repair writes.
alter table reelhouse.call_recordings enable always trigger forget_row_digest;
