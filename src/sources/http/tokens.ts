import type { ReadContext } from '../source.ts'
import type { HttpClient, JsonAnswer } from './http-client.ts'

/** One login serves all requests until its token is nearly over. */
export interface Tokens {
  /** Logs in when there is no token. */
  ready(context: ReadContext): Promise<void>
  /** The header with the token; without one, the vendor refuses the request. */
  header(): Readonly<Record<string, string>>
  /** The vendor refused the token of this header; a newer one stays: several requests may be refused at once. */
  drop(refused: Readonly<Record<string, string>>): void
}

/** What a login brought. */
export interface Login {
  readonly token: string
  /** How long it lives; null = the vendor does not say. */
  readonly seconds: number | null
}

/** Requests are retried for five minutes; a token lives five minutes at least. */
const renewBefore = 600_000

const renewAfter = (seconds: number): number => seconds * 1000 - Math.min(renewBefore, (seconds * 1000) / 2)

export const createTokens = (logIn: (context: ReadContext) => Promise<Login>): Tokens => {
  let token: string | null = null
  /** Our clock, milliseconds. */
  let renewAt = Number.POSITIVE_INFINITY
  let coming: Promise<void> | null = null
  const renew = async (context: ReadContext): Promise<void> => {
    const login = await logIn(context)
    token = login.token
    renewAt = login.seconds === null ? Number.POSITIVE_INFINITY : Date.now() + renewAfter(login.seconds)
  }
  const header = () => ({ Authorization: `Bearer ${token ?? 'none'}` })
  return {
    ready: async (context) => {
      if (token !== null && Date.now() < renewAt) return
      coming ??= renew(context).finally(() => {
        coming = null
      })
      await coming
    },
    header,
    drop: ({ Authorization: refused }) => {
      if (header().Authorization === refused) token = null
    },
  }
}

export interface TokenRules {
  /** Whether a new token may help against this 401. */
  readonly mayRenew: (answer: JsonAnswer) => boolean
  /** What is thrown when it does not, or did not. */
  readonly refused: (answer: JsonAnswer) => Error
}

/** A token may be refused before its time: one login more, and the same request again. */
export const askWithToken =
  (client: HttpClient, tokens: Tokens, { mayRenew, refused }: TokenRules): HttpClient['json'] =>
  async (request, context) => {
    const accept = [...(request.accept ?? []), 401]
    const ask = async (): Promise<JsonAnswer> => {
      await tokens.ready(context)
      const sent = tokens.header()
      const answer = await client.json({ ...request, accept }, context)
      if (answer.status === 401) tokens.drop(sent)
      return answer
    }
    const first = await ask()
    if (first.status !== 401) return first
    if (!mayRenew(first)) throw refused(first)
    const second = await ask()
    if (second.status !== 401) return second
    throw refused(second)
  }
