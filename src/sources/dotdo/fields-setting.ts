import { z } from 'zod'

const path = z.string().min(1)

/**
 * Where a record has what its page does not say: those of Call and CallTranscript are not known, and names stand in
 * `metadata` or `participants` if anywhere. Dotted paths; what they lead to is there only where it was expanded.
 */
export const dotdoFieldsSetting = z
  .strictObject({
    message_direction: path.default('call.direction').describe('inbound or outbound'),
    customer_number: path.default('call.customer.number').describe('The number of the other party of the call'),
    message_text: path.default('transcript.text').describe('The transcript'),
    first_name: path.optional().describe('Such as metadata.first_name'),
    last_name: path.optional().describe('Such as metadata.last_name'),
    sender_ext_ref: path.optional().describe('Such as metadata.resident'),
    email_address: path.optional().describe('Such as metadata.email'),
  })
  .describe('Dotted paths of what the page of CallRecording leaves open')

export type DotdoFields = z.output<typeof dotdoFieldsSetting>
