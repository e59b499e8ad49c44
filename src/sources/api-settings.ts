import { z } from 'zod'
import { countryCode } from '../domain/country.ts'
import { duration, durationMicros } from '../domain/duration.ts'
import { networkSettings } from './http/network-settings.ts'
import { numberProblems } from './number-problems.ts'
import { startSetting } from './start-setting.ts'

/** `perSecond`: below the vendor's own limit. */
export const requestsPerSecondSetting = (perSecond: number) =>
  z
    .number()
    .positive()
    .max(1000)
    .default(perSecond)
    .describe('The most that is asked; what the vendor says of its limits slows it down further')

/**
 * Settings that every source of an API has: spread them into its own. `settlingDelay` (`5m`): how long after its creation a
 * record is listed for sure.
 */
export const apiSettings = ({ settlingDelay }: { readonly settlingDelay: string }) => ({
  start: startSetting.describe(
    'Where the data begins: a day (2026-01-01, its midnight in UTC) or an instant with its zone. Nothing older is synced',
  ),
  timeout: duration.prefault('60s').describe('For one request, with its answer'),
  max_response_bytes: z
    .int()
    .min(100_000)
    .default(64_000_000)
    .describe(
      'The largest answer that is read. What can be asked for in smaller parts is, above 8 MB whatever this says',
    ),
  ...networkSettings,
  settling_delay: durationMicros
    .prefault(settlingDelay)
    .describe('How far behind now reading ends: what is younger may not be listed yet'),
  max_window: durationMicros.prefault('1d').describe('The longest time that is read, proven and committed as one'),
})

/** For sources whose numbers may lack a country code. With it, `.superRefine(checkNumbers)`. */
export const defaultCountrySetting = countryCode
  .optional()
  .describe('ISO 3166 code (US) of numbers written without a country code; without it they are null, and counted')

export const checkNumbers = (settings: Parameters<typeof numberProblems>[0], context: z.RefinementCtx): void => {
  for (const { path, message } of numberProblems(settings))
    context.addIssue({ code: 'custom', path: [...path], message })
}
