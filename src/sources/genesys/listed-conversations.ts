import type { JsonObject } from '../../transform/json-object.ts'
import { conversationId } from './conversation.ts'

/**
 * Conversations of the page that is being worked on, and of the one that was asked for meanwhile: none of them is asked for
 * again to know what belongs to it.
 */
export class ListedConversations {
  #before: ReadonlyMap<string, JsonObject> = new Map()
  #last: ReadonlyMap<string, JsonObject> = new Map()

  /** Those of one page. */
  add(conversations: readonly JsonObject[]): void {
    this.#before = this.#last
    this.#last = new Map(conversations.map((each) => [conversationId(each, []) ?? '', each]))
  }

  get(id: string): JsonObject | undefined {
    return this.#last.get(id) ?? this.#before.get(id)
  }
}
