import { didYouMean } from './nearest.ts'

/** What is wrong with a reference to a connection that is not there. `known`: ids it may name. */
export const unknownConnection = (id: string, known: readonly string[]): string =>
  `${JSON.stringify(id)} is not a configured connection; ${didYouMean(id, known)}allowed: ${known.join(', ') || 'none here'}`
