/** One answer, before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** `half`: half of the body, then nothing; `reset`: the connection is reset; `huge`: `hugeBytes` of JSON instead. */
  readonly manner: 'whole' | 'half' | 'reset' | 'huge'
  readonly delayMs: number
}

export const answerOf = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json; charset=utf-8' },
): Answer => ({ status, headers, body, manner: 'whole', delayMs: 0 })

/** The answer, cut in the middle, as if that were all of it. */
export const truncated = (answer: Answer): Answer => ({
  ...answer,
  body: answer.body.slice(0, Math.floor(answer.body.length / 2)),
})
