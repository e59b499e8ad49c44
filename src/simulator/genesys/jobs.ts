import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { seededUuid } from '../draw.ts'
import { restForm, writeInstant } from '../written-instant.ts'
import { type StoredConversation, shownDetail } from './account-state.ts'
import { answerOf, Refused } from './answer.ts'
import { intervalOf, matching } from './query-conversations.ts'
import { type Endpoint, type Job, parameterOf, type Served } from './served.ts'

/** Jobs match by activity: whatever overlaps the interval. */
const active = (served: Served, body: unknown): readonly StoredConversation[] => {
  const interval = intervalOf(body)
  const startMatching = isJsonObject(body) && body.startOfDayIntervalMatching === true
  if (startMatching) return matching(served, interval, body)
  return matching(served, { from: 0, to: interval.to }, body).filter(({ end }) => end >= interval.from)
}

export const startJob: Endpoint = (served, { body }) => {
  const jobId = seededUuid(served.account.seed, 9, served.jobs.size)
  served.jobs.set(jobId, { conversations: active(served, body), questions: 0, isRead: false, isOver: false })
  return answerOf(202, { jobId })
}

const jobOf = ({ jobs }: Served, id: string | undefined): Job => {
  const job = jobs.get(id ?? '')
  if (job === undefined) throw new Refused(404, 'not.found', 'there is no such job')
  return job
}

export const askJob: Endpoint = (served, { parts }) => {
  const { traps } = served
  const job = jobOf(served, parts[0])
  job.questions += 1
  if (job.questions <= traps.jobQuestions) return answerOf(202, { state: job.questions === 1 ? 'QUEUED' : 'PENDING' })
  job.isOver = job.isRead
  return answerOf(200, { state: job.isOver ? 'EXPIRED' : traps.jobState })
}

/** Jobs show what was attached to participants, too. */
const withAttributes = (detail: JsonObject): JsonObject => ({
  ...detail,
  participants: Array.isArray(detail.participants)
    ? detail.participants.map((one: unknown) => (isJsonObject(one) ? { attributes: {}, ...one } : one))
    : [],
})

export const jobResults: Endpoint = (served, request) => {
  const { traps, account } = served
  const job = jobOf(served, request.parts[0])
  if (job.isOver) throw new Refused(404, 'not.found', 'the results of the job have expired')
  const size = Math.min(traps.jobPage, Number(parameterOf(request, 'pageSize') ?? traps.jobPage))
  const at = Number(parameterOf(request, 'cursor') ?? 0)
  const page = job.conversations.slice(at, at + size)
  const isLast = at + size >= job.conversations.length
  job.isRead = isLast
  if (traps.listingBody !== null) return answerOf(200, traps.listingBody)
  return answerOf(200, {
    conversations: page.map((stored) => withAttributes(shownDetail(account, stored))),
    ...(isLast ? {} : { cursor: String(at + size) }),
    dataAvailabilityDate: writeInstant(account.now() - (account.now() % 1000) - 86_400_000_000, restForm),
  })
}
