import { type Answer, answerOf, truncated } from '../answer.ts'
import { refusedAs } from './refusal.ts'
import type { Served } from './served.ts'
import type { TelnyxFault } from './traps.ts'

const html = { 'content-type': 'text/html; charset=utf-8' }

const tooMany = ({ traps }: Served, headers: Readonly<Record<string, string>>): Answer => {
  const answer = refusedAs(429, '10011', 'Too many requests', traps)
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

type Make = (served: Served, truth: () => Answer, path: string) => Answer

const made: Readonly<Record<TelnyxFault, Make>> = {
  'rate-limited': (served) => tooMany(served, { 'x-ratelimit-reset': String(served.traps.resetSeconds) }),
  'retry-after-ms': (served) => tooMany(served, { 'retry-after-ms': String(served.traps.retryAfterMs) }),
  'code-10011': ({ traps }) => refusedAs(400, '10011', 'Too many requests', traps),
  'server-error': () => answerOf(500, 'upstream connect error or disconnect/reset before headers', html),
  unavailable: ({ traps }) => refusedAs(503, '10016', 'Service unavailable', traps),
  html: () => answerOf(200, '<!doctype html><title>Maintenance</title><p>We will be back soon.</p>', html),
  truncated: (_served, truth) => truncated(truth()),
  huge: () => ({ ...answerOf(200, ''), manner: 'huge' }),
  slow: ({ traps }, truth) => ({ ...truth(), delayMs: traps.slowMs }),
  stalled: (_served, truth) => ({ ...truth(), manner: 'half' }),
  reset: () => ({ ...answerOf(200, ''), manner: 'reset' }),
  redirect: ({ storageUrl }, _truth, path) => answerOf(302, '', { location: `${storageUrl}${path}` }),
}

export const faultyAnswer = (fault: TelnyxFault, served: Served, truth: () => Answer, path: string): Answer =>
  made[fault](served, truth, path)
