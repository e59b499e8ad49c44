/** Names a record at the source. */
export interface RecordRef {
  readonly recordId: string
  /** What it belongs to (the conversation), where the source needs that to find it. */
  readonly parentId: string | null
}

/** Names a row, and the record that it was made of: one record may make many rows. */
export interface RowRef extends RecordRef {
  readonly messageId: string
}
