/** The transaction is rolled back, and its work repeated as a whole. */
export class RepeatTransaction extends Error {}
