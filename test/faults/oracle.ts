import { type Content, contentOf, type Recording } from './model.ts'
import type { ExpectedRow, Vendor } from './vendor.ts'
import type { Stored, StoredRow } from './warehouse.ts'

export interface Judging {
  readonly vendor: Vendor
  readonly stored: Stored
  /** Microseconds. */
  readonly now: number
  /** Everything that is due was read: nothing may be late. Otherwise what is joined, and what waits, may be. */
  readonly isSettled: boolean
}

const columns = [
  'message_id',
  'created_at',
  'message_direction',
  'phone_number',
  'number_dialed_by_user',
  'call_duration_in_sec',
  'message_text',
  'recording_status',
] as const

const differences = (row: StoredRow, expected: ExpectedRow, ignored: readonly string[]): readonly string[] =>
  columns
    .filter((column) => !ignored.includes(column) && row[column] !== expected[column])
    .map((column) => `${column} is ${row[column]}, and should be ${expected[column]}`)

/** Whether the row is of any time of the recording. */
const wasOnce = (vendor: Vendor, recording: Recording, row: StoredRow, ignored: readonly string[]): boolean =>
  [...recording.contents].some((content) =>
    [...recording.texts].some((text) =>
      (['done', 'given up'] as const).some(
        (as) => differences(row, vendor.row(recording, contentOf(content), text, as), ignored).length === 0,
      ),
    ),
  )

type Judge = (judging: Judging, recording: Recording, row: StoredRow | undefined) => readonly string[]

const textOf = ({ text }: Recording): string | null => text?.text ?? null

const exactly = (
  { vendor, isSettled }: Judging,
  recording: Recording,
  row: StoredRow | undefined,
  as: 'done' | 'given up',
): readonly string[] => {
  if (row === undefined) return ['has no row']
  const content: Content = contentOf(recording.content)
  const problems = differences(
    row,
    vendor.row(recording, content, textOf(recording), as),
    isSettled ? [] : ['message_text'],
  )
  return row.deleted ? [...problems, 'is marked as deleted'] : problems
}

const isOver = ({ vendor, now }: Judging, { at }: Recording): boolean => now >= at + vendor.pendingFor

const judges: Readonly<Record<Recording['state'], Judge>> = {
  living: (judging, recording, row) => {
    const key = judging.vendor.idOf(recording)
    const problems = [...exactly(judging, recording, row, 'done')]
    if (judging.stored.rejects.has(key)) problems.push('is in quarantine')
    if (judging.isSettled && judging.stored.waits.has(key)) problems.push('is waited for')
    return problems
  },
  pending: (judging, recording, row) => {
    const wait = judging.stored.waits.get(judging.vendor.idOf(recording))
    if (isOver(judging, recording)) {
      if (!judging.isSettled) return []
      return [
        ...exactly(judging, recording, row, 'given up'),
        ...(wait?.over === true ? [] : ['has not been given up']),
      ]
    }
    if (row !== undefined) return ['has a row, and is pending']
    return wait?.kind === 'pending' && !wait.over ? [] : ['is not waited for']
  },
  bad: (judging, recording, row) => {
    const code = judging.stored.rejects.get(judging.vendor.idOf(recording))
    const problems = code === judging.vendor.rejectCode ? [] : [`is not in quarantine, but ${code}`]
    if (row === undefined) return problems
    if (row.deleted) problems.push('is marked as deleted')
    // Its deletion has taken the place of its status; seen again and rejected, it has none.
    const ignored = row.recording_status === null ? ['recording_status'] : []
    return wasOnce(judging.vendor, recording, row, ignored) ? problems : [...problems, 'has a row that it never was']
  },
  removed: ({ vendor, stored, isSettled }, recording, row) => {
    const key = vendor.idOf(recording)
    const problems: string[] = []
    // Of what got no answer nothing is known yet.
    const isAskedLater = !isSettled && stored.waits.has(key)
    if (vendor.provesDeletions && !isAskedLater) {
      if (row !== undefined && !row.deleted) problems.push('is removed, and its row is not')
      if (stored.rejects.has(key)) problems.push('is removed, and in quarantine')
      if (stored.waits.has(key)) problems.push('is removed, and waited for')
    }
    // What its deletion says of its status is not asked of the recording.
    if (row !== undefined && !wasOnce(vendor, recording, row, ['recording_status'])) {
      problems.push('has a row that it never was')
    }
    return problems
  },
}

/** What is wrong with what the warehouse holds of a recording that was read completely. */
export const judge = (judging: Judging, recording: Recording): readonly string[] => {
  const { vendor, stored, isSettled } = judging
  if (vendor.mayWait && !isSettled && stored.waits.has(vendor.idOf(recording))) return []
  const row = judging.stored.rows.get(
    judging.vendor.row(recording, contentOf(recording.content), null, 'done').message_id,
  )
  return judges[recording.state](judging, recording, row).map(
    (problem) => `recording ${recording.n} (${recording.state}): ${problem}`,
  )
}

/** Rows, rejects and waits of nobody. */
export const strangers = ({ vendor, stored }: Judging, recordings: readonly Recording[]): readonly string[] => {
  const keys = new Set(recordings.map((recording) => vendor.idOf(recording)))
  const rows = new Set(recordings.map((recording) => vendor.row(recording, contentOf(0), null, 'done').message_id))
  return [
    ...[...stored.rows.keys()].filter((key) => !rows.has(key)).map((key) => `row ${key} is of no recording`),
    ...[...stored.rejects.keys()].filter((key) => !keys.has(key)).map((key) => `reject ${key} is of no recording`),
    ...[...stored.waits.keys()].filter((key) => !keys.has(key)).map((key) => `follow-up ${key} is of no recording`),
  ]
}
