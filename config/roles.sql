-- Three roles for your own Postgres. Optional: one role for everything works, too.
--
--   reelhouse_loader   runs every command but migrate and forget
--   reelhouse_eraser   runs forget: the loader's rights, and it deletes rows
--   reelhouse_analyst  reads the views and the rows: no payload, no quarantine, no bookkeeping; writes nothing
--
-- They have no login: make one for whoever connects, and grant it the role (create role etl_run login ...; grant
-- reelhouse_loader to etl_run). Run this in the database of the warehouse, after `reelhouse migrate`, as a superuser or as the
-- role that ran migrate, if it may create roles; and again after an upgrade: new views need a new grant. Running it again
-- changes nothing else.

do $$
declare
  migrator name;
begin
  select tableowner into migrator from pg_tables where schemaname = 'reelhouse' and tablename = 'call_recordings';
  if migrator is null then
    raise exception 'this database has no reelhouse tables; run: reelhouse migrate';
  end if;
  if not exists (select from pg_roles where rolname = 'reelhouse_loader') then
    create role reelhouse_loader nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'reelhouse_eraser') then
    create role reelhouse_eraser nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'reelhouse_analyst') then
    create role reelhouse_analyst nologin;
  end if;
  execute format('grant connect on database %I to reelhouse_loader, reelhouse_analyst', current_database());
  -- Rows are staged in a temporary table.
  execute format('grant temporary on database %I to reelhouse_loader', current_database());
  -- Tables of later migrations: syncs go on after an upgrade.
  execute format(
    'alter default privileges for role %I in schema reelhouse grant select, insert, update on tables to reelhouse_loader',
    migrator
  );
end
$$;

revoke all on schema reelhouse from public, reelhouse_loader, reelhouse_analyst;
revoke all on all tables in schema reelhouse from public, reelhouse_loader, reelhouse_eraser, reelhouse_analyst;
grant usage on schema reelhouse to reelhouse_loader, reelhouse_analyst;

-- No command but forget deletes a row of call_recordings or source_records: bookkeeping and rejects only.
grant select, insert, update on all tables in schema reelhouse to reelhouse_loader;
grant delete on reelhouse.runs, reelhouse.windows, reelhouse.follow_ups, reelhouse.rejected_records, reelhouse.file_batches
  to reelhouse_loader;
revoke insert, update on reelhouse.migrations, reelhouse.migrations_lock from reelhouse_loader;

grant reelhouse_loader to reelhouse_eraser;
grant delete on reelhouse.call_recordings, reelhouse.source_records, reelhouse.forgotten, reelhouse.exported_rows
to reelhouse_eraser;

grant select on
  reelhouse.recordings,
  reelhouse.travtus_call_recordings,
  reelhouse.unmapped_numbers,
  reelhouse.open_rejects,
  reelhouse.freshness,
  reelhouse.coverage_gaps,
  reelhouse.open_follow_ups,
  reelhouse.daily_volume,
  reelhouse.duration_percentiles,
  reelhouse.repeat_callers,
  reelhouse.repeat_calls,
  reelhouse.missing_enrichment,
  reelhouse.completeness,
  reelhouse.call_recordings
to reelhouse_analyst;
-- What rows are joined to; not the digest of the credentials.
grant select (connection_key, connection_id, source) on reelhouse.connections to reelhouse_analyst;
