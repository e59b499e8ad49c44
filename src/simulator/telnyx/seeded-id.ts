import { seededUuid } from '../draw.ts'

/** What an id names: the same ordinal has a different id of each kind. */
const kinds = { recording: 1, leg: 2, session: 3, conference: 4, transcription: 5, event: 6, number: 7 } as const

export const seededId = (seed: number, kind: keyof typeof kinds, ordinal: number): string =>
  seededUuid(seed, kinds[kind], ordinal)
