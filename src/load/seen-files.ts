import { sql } from 'kysely'
import type { FileMarks } from '../domain/file-load.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Session } from '../warehouse/session.ts'

export interface SeenContent {
  readonly contentHash: string
  readonly contentBytes: number
}

/** The content of a file whose marks have not changed since it was read; null = it must be read. */
export const seenContent = async (
  session: Session,
  connectionKey: number,
  marks: FileMarks,
): Promise<SeenContent | null> => {
  const seen = await session.db
    .selectFrom('seen_files')
    .select(['content_hash', 'content_bytes'])
    .where('connection_key', '=', connectionKey)
    .where('file_name', '=', marks.name)
    .where('size_bytes', '=', marks.sizeBytes)
    .where('modified_at', '=', marks.modifiedAt)
    .executeTakeFirst()
  return seen === undefined ? null : { contentHash: seen.content_hash, contentBytes: seen.content_bytes }
}

/** A file changed this shortly before it was read may have changed again since, within the same tick of its mtime. */
const racyMicros = 2_000_000

/** `readAt`: when reading it began. */
export const rememberSeen = async (
  session: Session,
  connectionKey: number,
  marks: FileMarks,
  content: SeenContent,
  readAt: EpochMicros,
): Promise<void> => {
  if (marks.modifiedAt > readAt - racyMicros) return
  const values = {
    size_bytes: marks.sizeBytes,
    modified_at: marks.modifiedAt,
    content_hash: content.contentHash,
    content_bytes: content.contentBytes,
  }
  await session.db
    .insertInto('seen_files')
    .values({ connection_key: connectionKey, file_name: marks.name, ...values })
    .onConflict((conflict) =>
      conflict.columns(['connection_key', 'file_name']).doUpdateSet({ ...values, seen_at: sql`now()` }),
    )
    .execute()
}
