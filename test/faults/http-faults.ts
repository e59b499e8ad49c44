import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What goes wrong on the way to a vendor, whichever it is. */
export const httpFaults = [
  '429',
  '429, Retry-After in milliseconds',
  '429, Retry-After 0.01',
  '429, Retry-After 60',
  '429, Retry-After a date',
  '429, Retry-After absurd',
  '500',
  '503',
  '520',
  'no answer',
  'slow drip',
  'truncated JSON',
  'HTML 200',
  'empty 200',
  'wrong content-length',
  'content-length too short',
  'reset in mid-body',
  'reset at once',
  'token expired',
] as const

export type HttpFault = (typeof httpFaults)[number]

/** The requests from the `nth` (from 1) on, `times` of them. */
export interface HttpFaultAt {
  readonly what: HttpFault
  readonly nth: number
  readonly times: number
}

export interface FaultProxy {
  readonly origin: string
  /** Where requests go, and what befalls them from now on; counts anew. */
  aim(target: string, fault: HttpFaultAt | null): void
  /** Whether the fault was met. */
  met(): boolean
  close(): Promise<void>
}

interface Whole {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const agent = new Agent({ keepAlive: true })

const headersOf = (from: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(from.headers).flatMap(([name, value]) =>
      value === undefined || ['connection', 'transfer-encoding', 'content-length', 'keep-alive'].includes(name)
        ? []
        : [[name, String(value)]],
    ),
  )

const bodyOf = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const forward = (target: string, asked: IncomingMessage, body: Buffer): Promise<Whole> =>
  new Promise((resolve, reject) => {
    const { method } = asked
    const headers = { ...headersOf(asked), 'content-length': String(body.length) }
    const onward = request(`${target}${asked.url ?? ''}`, { method, headers, agent }, (answer) => {
      bodyOf(answer).then(
        (whole) => resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: whole }),
        reject,
      )
    })
    onward.on('error', reject)
    onward.end(body)
  })

const send = (response: ServerResponse, { status, headers, body }: Whole): void => {
  response.sendDate = false
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}

const refuse = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from('{"errors":[{"code":"10011","title":"later"}]}'),
})

/** `nth`: how often it has befallen a request. */
type Befall = (response: ServerResponse, truth: () => Promise<Whole>, nth: number) => Promise<void>

const answering =
  (make: (nth: number) => Whole): Befall =>
  async (response, _, nth) =>
    send(response, make(nth))

/** No seconds and no date, or not to be meant. */
const absurd = [
  '-99999999999999999999',
  '99999999999999999999',
  'soon',
  '',
  'NaN',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  '1e9',
]

const partly =
  (end: (response: ServerResponse) => void): Befall =>
  async (response, truth) => {
    const { status, headers, body } = await truth()
    response.sendDate = false
    response.writeHead(status, { ...headers, 'content-length': body.length })
    response.write(body.subarray(0, Math.floor(body.length / 2)))
    await sleep(1)
    end(response)
  }

const befall: Readonly<Record<HttpFault, Befall>> = {
  '429': answering(() => refuse(429)),
  '429, Retry-After in milliseconds': answering(() => refuse(429, { 'retry-after-ms': '3' })),
  '429, Retry-After 0.01': answering(() => refuse(429, { 'retry-after': '0.01' })),
  '429, Retry-After 60': answering(() => refuse(429, { 'retry-after': '60' })),
  '429, Retry-After a date': answering(() =>
    refuse(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }),
  ),
  '429, Retry-After absurd': answering((nth) => refuse(429, { 'retry-after': absurd[nth % absurd.length] ?? '' })),
  '500': answering(() => refuse(500)),
  '503': answering(() => refuse(503)),
  '520': answering(() => refuse(520)),
  'no answer': async () => undefined,
  'slow drip': async (response, truth) => {
    const { status, headers, body } = await truth()
    response.writeHead(status, { ...headers, 'content-length': body.length })
    const step = Math.ceil(body.length / 5) + 1
    for (let at = 0; at < body.length; at += step) {
      response.write(body.subarray(at, at + step))
      await sleep(4)
    }
    response.end()
  },
  'truncated JSON': async (response, truth) => {
    const { body, ...answer } = await truth()
    send(response, { ...answer, body: body.subarray(0, Math.floor(body.length / 2)) })
  },
  'HTML 200': answering(() => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<!doctype html><title>Maintenance</title>'),
  })),
  'empty 200': answering(() => ({ status: 200, headers: {}, body: Buffer.alloc(0) })),
  'wrong content-length': partly((response) => response.destroy()),
  'content-length too short': async (response, truth) => {
    const { status, headers, body } = await truth()
    response.writeHead(status, { ...headers, 'content-length': Math.floor(body.length / 2), connection: 'close' })
    response.end(body)
  },
  'reset in mid-body': partly((response) => response.socket?.resetAndDestroy()),
  'reset at once': async (response) => void response.socket?.resetAndDestroy(),
  'token expired': answering(() => refuse(401)),
}

/** A server in front of any simulator. */
export const startFaultProxy = async (): Promise<FaultProxy> => {
  let target = ''
  let fault: HttpFaultAt | null = null
  let [asked, befallen] = [0, 0]
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked += 1
    const nth = asked
    const body = await bodyOf(incoming)
    const truth = () => forward(target, incoming, body)
    if (fault === null || nth < fault.nth || nth >= fault.nth + fault.times) return send(response, await truth())
    befallen += 1
    await befall[fault.what](response, truth, befallen)
  }
  const server = createServer((incoming, response) => {
    response.on('error', () => undefined)
    serve(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    aim: (aimed, aimedFault) => {
      target = aimed
      fault = aimedFault
      asked = 0
      befallen = 0
    },
    met: () => befallen > 0,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
