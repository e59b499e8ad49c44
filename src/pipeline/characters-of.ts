import type { PlacedRow } from '../domain/recording-row.ts'

const texts = [
  'conversation_id',
  'message_text',
  'first_name',
  'last_name',
  'sender_ext_ref',
  'phone_number',
  'email_address',
  'number_dialed_by_user',
  'recording_url',
] as const

/** Characters of a row whose columns can be long. */
export const charactersOf = (row: PlacedRow): number => {
  let characters = 0
  for (const column of texts) characters += row[column]?.length ?? 0
  for (const key in row.map_keys) characters += row.map_keys[key]?.length ?? 0
  return characters
}
