import type { GenesysTraps } from './traps.ts'

/** Where a trap of genesys.md section 8 is met; those of batch requests (15) are not built, as nothing asks for batches. */
export interface TrapEntry {
  /** Its number there. */
  readonly trap: number
  /** `always`: the organization is so; `account`: a test brings it about; otherwise switches of GenesysTraps. */
  readonly met: 'always' | 'account' | readonly (keyof GenesysTraps)[]
  readonly meaning: string
}

export const trapTable: readonly TrapEntry[] = [
  { trap: 1, met: ['transcodingAnswers'], meaning: '202 without a body, then 200; that of one recording has a body' },
  { trap: 2, met: 'always', meaning: 'no conversations key past the last page' },
  { trap: 2, met: ['totalOffBy'], meaning: 'totalHits is too high or too low' },
  { trap: 3, met: ['shifts'], meaning: 'the pages shift: one conversation is missed, one comes twice' },
  {
    trap: 4,
    met: 'always',
    meaning: 'a query for an hour returns the day; jobs match by activity unless told otherwise',
  },
  { trap: 5, met: ['emptyFor', 'notFoundAnswers'], meaning: 'recordings are an empty list, or a 404, and come later' },
  { trap: 6, met: 'account', meaning: 'add: any medium, any word, any member null or absent' },
  { trap: 7, met: 'account', meaning: 'consult: a later customer, outbound, from a SIP address' },
  { trap: 8, met: 'always', meaning: 'participantName is a locality; numbers are written tel:' },
  { trap: 9, met: ['annotations'], meaning: 'ids of holds differ from answer to answer' },
  { trap: 10, met: ['mediaUris'], meaning: 'links by channel, mixed, or none' },
  { trap: 10, met: 'always', meaning: 'links die after an hour (403) and refuse an Authorization header (400)' },
  { trap: 11, met: 'account', meaning: 'changeRecording: UPLOADING, AVAILABLE, ARCHIVED, DELETED' },
  {
    trap: 12,
    met: ['faults', 'rateLimit'],
    meaning: '429 with Retry-After, headers of the limit, a body that names it',
  },
  { trap: 13, met: ['tokenRequests', 'loginStatus', 'refusesTokens'], meaning: 'a token ends early; a wrong secret' },
  { trap: 14, met: ['longestInterval', 'largestPage', 'mostListed'], meaning: 'limits of a query' },
  { trap: 16, met: ['jobQuestions', 'jobPage', 'jobState'], meaning: 'a job: 202, results by token, then EXPIRED' },
  { trap: 17, met: 'account', meaning: 'a conversation that ends days later: not listed as ended before' },
  { trap: 18, met: ['hiddenDivisions', 'recordingsRefused'], meaning: 'fewer divisions, fewer conversations; 403' },
  { trap: 19, met: 'account', meaning: 'remove: by id 404, which is no deletion' },
]
