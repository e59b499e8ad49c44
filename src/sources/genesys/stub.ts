import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Stub } from '../source.ts'
import { conversationEnd, conversationId, conversationStart, fingerprintOf } from './conversation.ts'

/** When a conversation is looked at for the last time, microseconds after its end. */
export type SecondLook = number

const isSettled = (conversation: JsonObject, readAt: EpochMicros, secondLook: SecondLook): boolean => {
  const end = conversationEnd(conversation, []) ?? null
  return end !== null && readAt >= end + secondLook
}

/** `record`: what it became with its recordings; undefined = they must be asked for. */
export const stubOf = (
  conversation: JsonObject,
  readAt: EpochMicros,
  secondLook: SecondLook,
  record: unknown = undefined,
): Stub => {
  const recordId = conversationId(conversation, []) ?? null
  return {
    recordId,
    parentId: null,
    windowAt: conversationStart(conversation, []) ?? null,
    version: null,
    joinedVersion: null,
    fingerprint: fingerprintOf(conversation, isSettled(conversation, readAt, secondLook)),
    // What has no id cannot be asked for: it is rejected as it is.
    record: recordId === null ? { conversation } : record,
  }
}
