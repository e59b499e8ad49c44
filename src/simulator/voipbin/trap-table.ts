import type { VoipbinTraps } from './traps.ts'

/** Where a trap of voipbin.md section 8 is met. 5, 6 and 19 are of the reader and 18 of webhooks: tests of those. */
export interface TrapEntry {
  /** Its number there. */
  readonly trap: number
  /**
   * `always`: the account is so; `generated`: among generated recordings, unless `plain`; `account`: a test brings it about
   * with methods of the account; otherwise switches of VoipbinTraps.
   */
  readonly met: 'always' | 'generated' | 'account' | readonly (keyof VoipbinTraps)[]
  readonly meaning: string
}

export const trapTable: readonly TrapEntry[] = [
  { trap: 1, met: ['dialect'], meaning: 'times of 0 to 9 digits, with T and Z or a blank; unset in six ways' },
  {
    trap: 2,
    met: 'always',
    meaning: 'page_size above 100 is 100; the last page has a token, and an empty one follows',
  },
  { trap: 2, met: ['tokenOnLastPage'], meaning: 'or the last page has none, as documented' },
  { trap: 3, met: 'account', meaning: 'add with one tm_create: the plain token loses what shares its microsecond' },
  { trap: 4, met: ['ignoresTokens'], meaning: 'the server repeats a page' },
  { trap: 4, met: ['millisecondTokens'], meaning: 'the server cuts the token to milliseconds' },
  { trap: 4, met: ['comparesMilliseconds'], meaning: 'the server cuts the token that it is sent' },
  { trap: 4, met: ['refusesTokens'], meaning: 'the server takes no token of our making, or none in the other dialect' },
  { trap: 5, met: 'account', meaning: 'onRequest: what is added during a walk is newer than it' },
  { trap: 7, met: 'account', meaning: 'change of status; initiating for ever; hold: an old answer out of a cache' },
  { trap: 8, met: 'generated', meaning: 'a record with seven keys and tm_create' },
  { trap: 9, met: ['errors'], meaning: 'a missing call is a bare 400, or a 404 with an envelope' },
  { trap: 10, met: 'generated', meaning: 'addresses that are sip, extension, agent, email; tel with a name; nil ids' },
  { trap: 11, met: 'account', meaning: 'addConference: the recording names a bridge that no conference shows' },
  { trap: 12, met: 'generated', meaning: 'two recordings of one call' },
  { trap: 13, met: 'always', meaning: '307 to a host that refuses credentials' },
  { trap: 13, met: ['earlyAudio', 'audio'], meaning: 'no audio in the first minute; zip or wav' },
  { trap: 14, met: 'account', meaning: 'transcribe: lines newest first, some with an offset, some with a time' },
  { trap: 14, met: 'always', meaning: '403 for the lines of a transcribe that is of something else' },
  { trap: 14, met: ['transcriptsByRecording'], meaning: 'lines at /transcripts only' },
  {
    trap: 15,
    met: ['faults', 'everyRequest', 'everyNth', 'rateLimit'],
    meaning: '429 with Retry-After; 402; a frozen account',
  },
  { trap: 15, met: 'always', meaning: '401 for an access key in the Authorization header' },
  { trap: 16, met: 'account', meaning: 'remove: gone from the list, by id 404' },
  { trap: 16, met: ['errors'], meaning: 'or by id a bare 400, which proves nothing' },
  { trap: 17, met: 'generated', meaning: 'owner_type call; status available; a reference type of its own' },
]
