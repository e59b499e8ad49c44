import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { formatInstant } from '../../transform/instant.ts'
import { hashOf } from '../draw.ts'
import type { Time } from './resources.ts'
import type { VoipbinTraps } from './traps.ts'

/** How one resource is written (trap 1). */
interface Form {
  readonly write: (at: EpochMicros) => string
  /** Undefined: the key is left out. */
  readonly unset: string | null | undefined
}

const sixDigits = (at: EpochMicros): string => {
  const whole = formatInstant(at - (at % microsPerSecond)).slice(0, 19)
  return `${whole}.${String(at % microsPerSecond).padStart(6, '0')}`
}

const blank = (at: EpochMicros): string => sixDigits(at).replace('T', ' ')

/** Trailing zeros of the fraction are trimmed. */
const trimmed = (at: EpochMicros): string => `${sixDigits(at).replace(/\.?0+$/, '')}Z`

const old: Form = { write: blank, unset: '9999-01-01 00:00:00.000000' }
const current: Form = { write: trimmed, unset: undefined }

const forms: readonly Form[] = [
  old,
  current,
  { write: blank, unset: '' },
  { write: (at) => `${sixDigits(at)}000Z`, unset: null },
  { write: trimmed, unset: '9999-01-01T00:00:00.000000Z' },
  { write: trimmed, unset: '0001-01-01T00:00:00Z' },
]

const formOf = (dialect: VoipbinTraps['dialect'], id: string): Form => {
  if (dialect === 'mixed') return forms[hashOf(id) % forms.length] ?? current
  return dialect === 'old' ? old : current
}

const writtenTime = (time: Time, { write, unset }: Form): string | null | undefined => {
  if (time === null) return unset
  return typeof time === 'string' ? time : write(time)
}

/** Members that today's servers leave out while they are empty. */
const leftOut = ['reference_type', 'status', 'format']

/** A resource as an answer shows it. */
export const written = <T extends { readonly id: string }>(
  resource: T,
  { dialect }: Pick<VoipbinTraps, 'dialect'>,
  unset?: null,
): Readonly<Record<string, unknown>> => {
  const { write, ...otherwise } = formOf(dialect, resource.id)
  const form = { write, unset: otherwise.unset === undefined ? unset : otherwise.unset }
  return Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]: [string, unknown]) => {
      if (name.startsWith('tm_') && (value === null || typeof value === 'number' || typeof value === 'string')) {
        const time = writtenTime(value, form)
        return time === undefined ? [] : [[name, time]]
      }
      return value === '' && leftOut.includes(name) && form.unset === undefined ? [] : [[name, value]]
    }),
  )
}

/** Six digits, whatever the rows show. */
export const writtenToken = (at: EpochMicros, { dialect, millisecondTokens }: VoipbinTraps): string => {
  const shown = millisecondTokens ? at - (at % 1000) : at
  return dialect === 'old' ? blank(shown) : `${sixDigits(shown)}Z`
}
