import { ownNumbers } from './generated-recording.ts'
import { numberedPage } from './numbered-page.ts'
import { seededId } from './seeded-id.ts'
import type { Endpoint } from './served.ts'

export const listPhoneNumbers: Endpoint = ({ account }, query) => {
  const numbers = ownNumbers.map((phone_number, index) => ({
    id: seededId(account.seed, 'number', index),
    record_type: 'phone_number',
    phone_number,
    status: 'active',
  }))
  return numberedPage(numbers, query, 250)
}
