import { z } from 'zod'
import type { Login } from '../sources/http/tokens.ts'

const loginAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().optional() })

/** Null: the answer is none of a login. */
export const loginIn = (body: unknown): Login | null => {
  const { data } = loginAnswer.safeParse(body)
  return data === undefined ? null : { token: data.access_token, seconds: data.expires_in ?? null }
}

/** Both forms that Travtus writes: `{"error":{"type","message"}}` and `{"error":"text"}`. */
const errorAnswer = z.object({
  error: z.union([z.string(), z.object({ type: z.string().optional(), message: z.string().optional() })]),
})

const errorIn = (body: unknown) => {
  const { data } = errorAnswer.safeParse(body)
  return typeof data?.error === 'string' ? { type: data.error, message: undefined } : data?.error
}

/** `expired_token`; null where the answer is no error of Travtus, as that of a proxy. */
export const errorTypeOf = (body: unknown): string | null => errorIn(body)?.type ?? null

export const explainError = (body: unknown): string | null => {
  const error = errorIn(body)
  const words = [error?.type, error?.message].filter((part) => part !== undefined && part !== '').join(', ')
  return words === '' ? null : words.slice(0, 200)
}

const community = z.object({
  community_id: z.string().min(1),
  community_external_ref: z.string().nullish(),
  name: z.string().nullish(),
  status: z.string().nullish(),
})

const page = z.object({ communities: z.array(community), last_id: z.union([z.number(), z.string()]) })

export interface Community {
  /** The Travtus id: what the map calls portfolio_id. In the community file a column of that name is the client's reference. */
  readonly id: string
  /** The client's own reference. */
  readonly externalRef: string | null
  readonly name: string | null
  readonly status: string | null
}

/** Null: the answer is no list of communities. `next`: behind which id the list goes on; null = it is over. */
export const communitiesIn = (
  body: unknown,
): { readonly communities: readonly Community[]; readonly next: string | null } | null => {
  const { data } = page.safeParse(body)
  if (data === undefined) return null
  const communities = data.communities.map(({ community_id, community_external_ref, name, status }) => ({
    id: community_id,
    externalRef: community_external_ref ?? null,
    name: name ?? null,
    status: status ?? null,
  }))
  const last = String(data.last_id)
  return { communities, next: last === '-1' ? null : last }
}
