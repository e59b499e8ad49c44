import type { Answer } from '../answer.ts'
import { answerOf, Refused, refusal } from './answer.ts'
import { askJob, jobResults, startJob } from './jobs.ts'
import { divisions } from './plain-conversation.ts'
import { queryConversations } from './query-conversations.ts'
import {
  bulkContacts,
  listRecordings,
  oneConversation,
  oneRecording,
  someConversations,
  transcriptUrl,
} from './recordings.ts'
import type { Endpoint, EndpointRequest, Served } from './served.ts'

const details = '/api/v2/analytics/conversations'

const one = '([^/]+)'

const endpoint = (method: string, path: string, answer: Endpoint) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('{}', one)}$`),
  answer,
})

const endpoints = [
  endpoint('GET', '/api/v2/tokens/me', () => answerOf(200, { organization: { id: 'org-1', name: 'Maple Homes' } })),
  endpoint('POST', `${details}/details/query`, queryConversations),
  endpoint('GET', `${details}/details`, someConversations),
  endpoint('POST', `${details}/details/jobs`, startJob),
  endpoint('GET', `${details}/details/jobs/{}`, askJob),
  endpoint('GET', `${details}/details/jobs/{}/results`, jobResults),
  endpoint('GET', `${details}/{}/details`, oneConversation),
  endpoint('GET', '/api/v2/conversations/{}/recordings', listRecordings),
  endpoint('GET', '/api/v2/conversations/{}/recordings/{}', oneRecording),
  endpoint('POST', '/api/v2/externalcontacts/bulk/contacts', bulkContacts),
  endpoint('GET', '/api/v2/authorization/divisions', () =>
    answerOf(200, { entities: divisions.map((id) => ({ id, name: id })), pageNumber: 1, pageCount: 1 }),
  ),
  endpoint('GET', '/api/v2/speechandtextanalytics/conversations/{}/communications/{}/transcripturl', transcriptUrl),
]

/** The true answer to a request with a good token. */
export const apiAnswer = (
  served: Served,
  { method, path, ...request }: Omit<EndpointRequest, 'parts'> & { readonly method: string; readonly path: string },
): Answer => {
  try {
    for (const { method: own, pattern, answer } of endpoints) {
      const match = own === method ? pattern.exec(path) : null
      if (match !== null) return answer(served, { ...request, parts: match.slice(1).map(decodeURIComponent) })
    }
    throw new Refused(404, 'not.found', `${method} ${path} is not simulated`)
  } catch (error) {
    if (error instanceof Refused) return refusal(error)
    throw error
  }
}
