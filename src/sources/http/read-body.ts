import { parseJson } from '../../transform/parse-json.ts'
import { AttemptFailed } from './attempt-failed.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array): string | null => {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/** What came instead of JSON, without showing any of it: it may echo the credentials. */
const describe = (text: string | null, bytes: number): string => {
  if (text === null) return `${bytes} bytes that are no UTF-8 text`
  if (/^\s*<(?:!doctype html|html|head|body)\b/i.test(text)) return 'an HTML page'
  if (/^\s*</.test(text)) return 'XML'
  const parsed = parseJson(text)
  if (parsed.kind === 'deep') return 'JSON that is nested too deep'
  const isCut = parsed.kind === 'malformed' && parsed.position !== null && parsed.position >= text.trimEnd().length
  return isCut && /^\s*[[{"]/.test(text)
    ? `JSON that ends too early, after ${bytes} bytes`
    : `${bytes} bytes that are no JSON`
}

/** The value of a body; undefined for an empty one. Throws AttemptFailed when it is no JSON. */
export const readBody = (status: number, bytes: Uint8Array): unknown => {
  const text = decode(bytes)
  if (text !== null && text.trim() === '') return undefined
  const parsed = text === null ? null : parseJson(text)
  if (parsed?.kind === 'value') return parsed.value
  throw new AttemptFailed(`${describe(text, bytes.length)} (status ${status})`, { kind: 'unreadable' })
}

/** As far as the body of a refusal can be read. */
export const readRefusal = (bytes: Uint8Array | null): unknown => {
  const text = bytes === null ? null : decode(bytes)
  const parsed = text === null ? null : parseJson(text)
  return parsed?.kind === 'value' ? parsed.value : undefined
}
