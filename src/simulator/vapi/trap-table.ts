import type { VapiTraps } from './traps.ts'

/** Where a trap of section E of dotdo-vapi.md is met. */
export interface TrapEntry {
  /** Its number there. */
  readonly trap: number
  /**
   * `always`: the account is so; `generated`: among generated calls, unless `plain`; `account`: a test brings it about with
   * methods of the account; otherwise switches of VapiTraps.
   */
  readonly met: 'always' | 'generated' | 'account' | readonly (keyof VapiTraps)[]
  readonly meaning: string
}

/** 15 is of dumps, 16 of webhooks, which nothing here receives. */
export const trapTable: readonly TrapEntry[] = [
  {
    trap: 1,
    met: 'always',
    meaning: 'an answer holds as many calls as its limit allows, and says nothing of the others',
  },
  { trap: 1, met: ['silentLimit', 'emptyEveryOther'], meaning: 'fewer than were asked for, or none' },
  { trap: 2, met: 'always', meaning: 'random order for each request; both bounds inclusive' },
  { trap: 3, met: 'always', meaning: 'a limit over 1000 is refused; without one it is 100' },
  { trap: 4, met: 'account', meaning: 'change: a call leaves its place on updatedAt' },
  { trap: 5, met: 'account', meaning: 'add without artifact, then record; or never' },
  { trap: 6, met: 'always', meaning: 'presigned links differ in every answer' },
  {
    trap: 7,
    met: 'always',
    meaning: '302 to a host that refuses Authorization (400); 404 of an unrecorded call; links die',
  },
  { trap: 7, met: ['recordings'], meaning: '200 instead of the redirect' },
  { trap: 8, met: 'generated', meaning: 'transcript as list, only messages, artifacts at the top of the call' },
  {
    trap: 9,
    met: 'generated',
    meaning: 'no customer, numbers without +, only a SIP address, a number that was released',
  },
  { trap: 10, met: 'generated', meaning: 'webCall and vapi.websocketCall' },
  { trap: 11, met: 'generated', meaning: 'an endedReason never seen before' },
  { trap: 11, met: 'account', meaning: 'add with a status never seen before' },
  {
    trap: 12,
    met: ['faults', 'everyRequest', 'everyNth', 'rateLimit'],
    meaning: '429 in two dialects; message as list',
  },
  { trap: 13, met: ['retentionDays'], meaning: 'calls older than the retention are gone' },
  { trap: 14, met: 'generated', meaning: 'ended before it began, no end, 0.4 s long' },
]
