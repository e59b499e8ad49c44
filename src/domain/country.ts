import { z } from 'zod'

/** Of phone numbers written without a country code. Whether there is such a country, the reader of numbers knows. */
export const countryCode = z.string().regex(/^[A-Z]{2}$/, 'is not a country; allowed: an ISO 3166 code such as US')
