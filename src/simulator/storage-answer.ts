import type { EpochMicros } from '../domain/instant.ts'
import { type Answer, answerOf } from './answer.ts'
import { linkProblem } from './links.ts'
import type { SimulatedRequest } from './simulated-request.ts'

const s3Error = (status: number, code: string, message: string): Answer =>
  answerOf(
    status,
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    {
      'content-type': 'application/xml',
    },
  )

/** What the storage host answers (trap 11). `target` is path and query as they were sent. */
export const storageAnswer = (request: SimulatedRequest, target: string, now: EpochMicros): Answer => {
  if (request.authorization !== 'none') {
    return s3Error(400, 'InvalidArgument', 'Only one auth mechanism allowed')
  }
  const problem = linkProblem(target, now)
  if (problem !== null) {
    return s3Error(403, problem, problem === 'AccessDenied' ? 'Request has expired' : 'The signature does not match')
  }
  return answerOf(200, 'ID3 simulated audio', {
    'content-type': request.path.endsWith('.wav') ? 'audio/wav' : 'audio/mpeg',
  })
}
