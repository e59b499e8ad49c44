import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Session } from '../warehouse/session.ts'

/** Sends COPY text to a `copy ... from stdin`, no faster than the server takes it. */
export const copyIn = (session: Session, statement: string, chunks: Iterable<Buffer>): Promise<void> =>
  pipeline(Readable.from(chunks), session.client.query(copyFrom(statement)))
