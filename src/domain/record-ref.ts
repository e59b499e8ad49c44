/** Names a record at the source. */
export interface RecordRef {
  readonly recordId: string
  /** What it belongs to (the conversation), where the source needs that to find it. */
  readonly parentId: string | null
}
