import type { RejectReason } from '../../domain/flattened.ts'
import type { FileRecord } from '../source.ts'
import { hasUndecodableBytes, undecodedBytes } from './damaged-utf8.ts'

/**
 * The place of a record that could not be read, with its exact content: text, or base64 of the bytes when the file is
 * damaged UTF-8 and some of these bytes are no text.
 */
export const unreadable = (line: number, text: string, reason: RejectReason, isDamaged: boolean): FileRecord =>
  isDamaged && hasUndecodableBytes(text)
    ? { kind: 'unreadable', line, reason, payloadKind: 'base64', payload: undecodedBytes(text).toString('base64') }
    : { kind: 'unreadable', line, reason, payloadKind: 'text', payload: text }
