import type { PlacedRow, RecordingRow } from '../../src/domain/recording-row.ts'

/** A row that states everything; tests name what they care about. */
export const row = (stated: Partial<PlacedRow> = {}): PlacedRow => ({
  conversation_id: 'conv-1',
  message_id: 'rec-1',
  created_at: Date.UTC(2026, 6, 14, 15, 2, 11) * 1000,
  portfolio_id: null,
  message_text: 'Is unit 4B still open?',
  first_name: 'Jo',
  last_name: 'Doe',
  sender_ext_ref: 't0012345',
  phone_number: '+15125550123',
  email_address: null,
  message_direction: 'inbound',
  number_dialed_by_user: '+15125550199',
  call_duration_in_sec: 73,
  recording_url: 'https://recordings.example.test/rec-1',
  media: 'audio',
  record_id: stated.message_id ?? 'rec-1',
  recording_status: 'available',
  recording_expires_at: null,
  deleted_at: null,
  source_version: 1,
  source_ordinal: 1,
  map_keys: {},
  stated_portfolio_id: null,
  portfolio_if_new: null,
  ...stated,
})

/** A flattened row with the portfolio that flatten gave it, as if no map were configured. */
export const placedAsIs = (flattened: RecordingRow): PlacedRow => ({
  ...flattened,
  stated_portfolio_id: null,
  portfolio_if_new: null,
})

/** For batches whose merged rows keep the portfolio that is stored. */
export const storedPortfolio = (stored: object): string | null =>
  'portfolio_id' in stored && typeof stored.portfolio_id === 'string' ? stored.portfolio_id : null
