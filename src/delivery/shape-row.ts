import { createHmac } from 'node:crypto'
import type { DueRow, ShapeSettings } from '../domain/export.ts'
import { type TravtusField, travtusFields } from '../domain/recording-row.ts'
import { cleanCell } from './cell.ts'

export type Cell = string | null

/** A row as cells in the documented order, or why it is not sent. */
export type Shaped =
  | { readonly kind: 'cells'; readonly cells: readonly Cell[] }
  | { readonly kind: 'withheld'; readonly why: string }

/** Without them a row is none, and they are written as they are: no policy, no stripped signs. */
const needed: readonly TravtusField[] = ['conversation_id', 'message_id', 'created_at']

/** What a spreadsheet takes for the beginning of a formula. A number in E.164 begins so, too, and is left alone. */
const formula = /^(?!\+\d{1,15}$)[=+\-@\s]+/

/** What a field is before the policy of its column. */
const valueReader = (field: TravtusField, settings: ShapeSettings): ((row: DueRow) => Cell) => {
  if (field === 'message_id' && settings.prefixMessageId)
    return (row) => {
      const id = cleanCell(row.message_id)
      return id === null ? null : `${row.connectionId}:${id}`
    }
  if (field === 'portfolio_id') return (row) => cleanCell(row.portfolio_id) ?? settings.defaultPortfolioId
  if (field === 'message_direction' && settings.direction === 'title')
    return (row) => (row.message_direction === null ? null : titled(row.message_direction))
  return (row) => cleanCell(row[field])
}

const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** What the policy of a column makes of a value. */
const policyOf = (field: TravtusField, settings: ShapeSettings): ((value: Cell) => Cell) => {
  const { hashSecret } = settings
  const policy = settings.columns[field] ?? 'keep'
  if (policy === 'drop') return () => null
  if (policy === 'hash') {
    if (hashSecret === null) throw new TypeError(`${field} is to be hashed, and there is no secret`)
    return (value) => keyedDigest(value, hashSecret.reveal())
  }
  if (settings.formulaCells === 'keep' || needed.includes(field)) return (value) => value
  return (value) => (value === null ? null : cleanCell(value.replace(formula, '')))
}

/** The same text has the same digest in every column, so that numbers can still be compared; without the secret none can be guessed. */
const keyedDigest = (value: Cell, secret: string): Cell =>
  value === null ? null : createHmac('sha256', secret).update(value).digest('hex')

interface Column {
  readonly field: TravtusField
  readonly value: (row: DueRow) => Cell
  readonly policy: (value: Cell) => Cell
  /** What is said of a row that has no value here; null = it may have none. */
  readonly whyWithheld: string | null
}

const columnOf = (field: TravtusField, settings: ShapeSettings): Column => {
  const lacks = settings.require.includes(field) ? `lacks ${field}` : null
  const whyWithheld = needed.includes(field) ? `unusable ${field}` : lacks
  return { field, value: valueReader(field, settings), policy: policyOf(field, settings), whyWithheld }
}

/** How rows become cells. A required field is judged before the policy of its column. */
export const compileShape = (settings: ShapeSettings): ((row: DueRow) => Shaped) => {
  const columns = travtusFields.map((field) => columnOf(field, settings))
  return (row) => {
    const cells: Cell[] = []
    for (const { value, policy, whyWithheld } of columns) {
      const found = value(row)
      if (found === null && whyWithheld !== null) return { kind: 'withheld', why: whyWithheld }
      cells.push(policy(found))
    }
    return { kind: 'cells', cells }
  }
}
