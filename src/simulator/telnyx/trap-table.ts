import type { TelnyxTraps } from './traps.ts'

/** Where a trap of telnyx.md section 10 is met. */
export interface TrapEntry {
  /** Its number there. */
  readonly trap: number
  /**
   * `always`: the account is so; `generated`: among generated recordings, unless `plain`; `account`: a test brings it about
   * with methods of the account; otherwise switches of TelnyxTraps.
   */
  readonly met: 'always' | 'generated' | 'account' | readonly (keyof TelnyxTraps)[]
  readonly meaning: string
}

export const trapTable: readonly TrapEntry[] = [
  { trap: 1, met: 'always', meaning: 'both bounds are inclusive: a recording on an edge is in both windows' },
  { trap: 2, met: ['shuffledPages'], meaning: 'pages in random order, another one for each request' },
  {
    trap: 3,
    met: ['deletions'],
    meaning: 'a deletion after page 1 shifts the pages: one id is never shown, the total drops',
  },
  { trap: 4, met: ['unknownFilters'], meaning: 'an unknown filter is refused or ignored; sort has no effect' },
  { trap: 5, met: ['lateVisibility'], meaning: 'a recording is listed up to 2 min after its created_at' },
  {
    trap: 6,
    met: 'generated',
    meaning: 'no from, to, initiated_by, connection_id; null call_control_id, conference_id',
  },
  { trap: 7, met: 'generated', meaning: 'from is a SIP URI, hyphenated, without +' },
  { trap: 8, met: 'always', meaning: 'connection_id lies beyond 2^53' },
  { trap: 9, met: ['missingMeta', 'missingPageNumber'], meaning: 'meta or meta.page_number is missing' },
  { trap: 9, met: 'generated', meaning: 'download_urls missing; duration_millis 0 or absent' },
  {
    trap: 10,
    met: ['processingOneIn'],
    meaning: 'a row is not completed and has no links, completed on the next read',
  },
  { trap: 11, met: 'always', meaning: 'links die after 600 s (403) and refuse an Authorization header (400)' },
  { trap: 12, met: ['links'], meaning: 'only wav; own storage' },
  { trap: 12, met: 'generated', meaning: 'only wav, mp3 null; a gs:// location' },
  { trap: 13, met: 'generated', meaning: 'several recordings of a leg and of a session; a conference without leg' },
  {
    trap: 14,
    met: ['faults', 'everyRequest', 'everyNth', 'rateLimit'],
    meaning: '429 by seconds or milliseconds; 400 with code 10011',
  },
  { trap: 15, met: ['errorCodes', 'faults'], meaning: 'code as number or text; 500 without JSON' },
  { trap: 16, met: 'account', meaning: 'remove: gone from the list, by id 404' },
  { trap: 16, met: ['refused'], meaning: '403 by id, which is no deletion' },
  { trap: 17, met: 'account', meaning: 'transcribe twice: the older completed, the newer in progress' },
  { trap: 17, met: ['transcriptionMeta'], meaning: 'list meta in page-number or token dialect' },
  {
    trap: 18,
    met: 'generated',
    meaning: '0, 3, 6 and 9 digits of fraction, Z and -06:00; one in a thousand without zone',
  },
  { trap: 19, met: 'account', meaning: 'change: updated_at and content change without any event' },
  {
    trap: 20,
    met: 'always',
    meaning: 'call events ignore an unknown filter; detail records answer a bad date filter with no rows',
  },
  { trap: 20, met: ['strayCallEvents'], meaning: 'an unrelated call event among those asked for' },
]
