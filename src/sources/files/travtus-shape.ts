import type { FilesSettings } from './settings.ts'

type Columns = NonNullable<FilesSettings['columns']>

/** `shape: travtus`: every field stands in the column of its own name. */
export const travtusColumns: Columns = {
  conversation_id: 'conversation_id',
  message_id: 'message_id',
  created_at: 'created_at',
  portfolio_id: 'portfolio_id',
  message_text: 'message_text',
  first_name: 'first_name',
  last_name: 'last_name',
  sender_ext_ref: 'sender_ext_ref',
  phone_number: 'phone_number',
  email_address: 'email_address',
  message_direction: 'message_direction',
  number_dialed_by_user: 'number_dialed_by_user',
  call_duration_in_sec: 'call_duration_in_sec',
  recording_url: 'recording_url',
}

/** Columns without which a file is no Travtus dump; the others may be missing, and keep what is stored. */
export const travtusRequiredColumns: readonly string[] = ['message_id', 'conversation_id', 'created_at']
