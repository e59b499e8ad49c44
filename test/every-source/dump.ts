import type { Expected } from './vendor.ts'

/** A dump of another phone system: good lines, a line twice, and lines that no row can be made of. */
export const dumpConfig = `
  - id: dump
    source: files
    paths: [../dumps/*.csv]
    version: none
    columns:
      message_id: id
      created_at: { column: began, zone: America/Chicago }
      phone_number: caller
      number_dialed_by_user: called
      message_direction: direction
      message_text: text
`

const header = 'id,began,caller,called,direction,text'

const good = (n: number): string =>
  `d-${n},2026-07-${String(1 + (n % 28)).padStart(2, '0')} 10:00:00,+15125550142,+15125550100,inbound,Hello ${n}`

const bad = [
  ['b-zone', 'b-zone,2026-03-08 02:30:00,+15125550142,,inbound,', 'time-in-dst-gap'],
  ['b-time', 'b-time,soon,+15125550142,,inbound,', 'invalid-instant'],
  ['b-ragged', 'b-ragged,2026-07-01 10:00:00,+15125550142', 'ragged-row'],
] as const

export const dumpText = (count: number): string =>
  `${[header, ...Array.from({ length: count }, (_, n) => good(n)), good(0), ...bad.map(([, line]) => line)].join('\n')}\n`

export const dumpRows = (count: number): readonly Expected['rows'][number][] =>
  Array.from({ length: count }, (_, n) => ({
    message_id: `d-${n}`,
    conversation_id: `d-${n}`,
    created_at: `2026-07-${String(1 + (n % 28)).padStart(2, '0')}T15:00:00.000Z`,
    recording_status: null,
    recording_url: null,
    deleted: false,
  }))

export const dumpRejects: readonly string[] = bad.map(([, , code]) => code)
