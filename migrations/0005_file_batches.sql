-- Two sessions load one file. Each commits in the order of the file, but what both would update (the file, the run) one of
-- them would find changed since it began; so each batch adds a row here instead, until one has them to itself.

create table reelhouse.file_batches (
  file_key    bigint not null references reelhouse.loaded_files on delete cascade,
  from_record bigint not null,
  to_record   bigint not null,
  flattened   bigint not null,
  rejected    bigint not null,
  skipped     bigint not null,
  run_id      bigint not null,
  run_counts  jsonb not null,
  primary key (file_key, from_record),
  check (to_record - from_record = flattened + rejected + skipped)
);
comment on table reelhouse.file_batches is 'Committed batches of files that are being loaded, which loaded_files and runs do not count yet. Empty when nothing is loading; after a crash the next run counts them.';
comment on column reelhouse.file_batches.file_key is 'The file.';
comment on column reelhouse.file_batches.from_record is 'Number of its first record within the file, from 0: where the batch before it ends.';
comment on column reelhouse.file_batches.to_record is 'Number of the record after its last one.';
comment on column reelhouse.file_batches.flattened is 'Records of it that became rows.';
comment on column reelhouse.file_batches.rejected is 'Records of it in quarantine.';
comment on column reelhouse.file_batches.skipped is 'Records of it left out for a counted reason.';
comment on column reelhouse.file_batches.run_id is 'The run that committed it.';
comment on column reelhouse.file_batches.run_counts is 'The counters of that run up to and including this batch, by the names of their columns in runs.';
comment on column reelhouse.loaded_files.records_committed is 'The contiguous prefix of its records that is committed: flattened + rejected + skipped; while it is loading, file_batches has what comes behind it.';
