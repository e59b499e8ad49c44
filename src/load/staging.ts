import type { Session } from '../warehouse/session.ts'
import type { StagedRows } from './call-recordings.ts'
import { copyIn } from './copy-in.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { mergeColumns, notedColumns, saidColumns } from './row-columns.ts'

/** An unstated portfolio is what the row gets if it is new (keep-mask.ts). */
const createStage = `
  create temporary table if not exists stage_call_recordings (
    place                 integer not null,
    keep_mask             integer not null,
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
    message_direction     text,
    number_dialed_by_user text,
    call_duration_in_sec  integer,
    recording_url         text,
    media                 text not null,
    record_id             text collate "C" not null,
    recording_status      text,
    recording_expires_at  timestamptz,
    deleted_at            timestamptz,
    map_keys              jsonb,
    stated_portfolio_id   text,
    source_version        bigint,
    source_ordinal        bigint not null,
    row_digest            bigint,
    pass                  integer not null default 0
  ) on commit delete rows`

/** The staging table lives as long as its session and is empty outside a transaction. */
export const prepareStaging = async (session: Session): Promise<void> => {
  await session.client.query(createStage)
}

const noPasses = new Uint32Array(0)

const stagedColumns = [...mergeColumns, ...saidColumns, ...notedColumns].join(', ')

const copyStage = `copy stage_call_recordings (${stagedColumns}) from stdin`

/** Elements of an array count from 1. */
const setPasses = `
  update stage_call_recordings
  set pass = ($1::integer[])[place + 1]
  where ($1::integer[])[place + 1] > 0`

/** Copies rows into the staging table, inside the caller's transaction. `places`: of which of them; null = of all. */
export const stageRows = async (
  session: Session,
  rows: EncodedRows,
  places: readonly number[] | null = null,
): Promise<StagedRows> => {
  rows.mustBeStaged()
  const chunks = places === null ? rows.chunks() : rows.chunksOf(places)
  if (places?.length !== 0) await copyIn(session, copyStage, chunks)
  const stated = rows.passes()
  const passes = stated ?? noPasses
  const last = passes.reduce((most, pass) => Math.max(most, pass), 0)
  if (last > 0) await session.client.query(setPasses, [[...passes]])
  return { count: places?.length ?? rows.count, passes: last + 1, unstated: rows.unstated, areUnique: stated === null }
}
