import type { z } from 'zod'
import { nearest } from './nearest.ts'

type Issue = z.core.$ZodIssue

const typeMismatch = (issue: Issue): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type' ||
    issue.code === 'invalid_value' ||
    (issue.code === 'invalid_union' &&
      issue.errors.length > 0 &&
      issue.errors.every((branch) => branch.some(typeMismatch))))

const unknownKeys = (branch: readonly Issue[]): readonly string[] =>
  branch.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []))

/** A key that is missing, or has the wrong type: the issue itself does not tell them apart. */
const absentKeys = (branch: readonly Issue[]): readonly string[] =>
  branch.flatMap((issue) => {
    const [key] = issue.path
    const typed = issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union'
    return issue.path.length === 1 && typeof key === 'string' && typed ? [key] : []
  })

/** A branch that only a custom check judges (a secret) refuses maps too, which another branch was meant for. */
const refusedAsAWhole = 100

/** How far the value is from a branch. A misspelt key is one mistake; a key of another branch is two, as its own key is missing too. */
const distance = (branch: readonly Issue[]): number => {
  const unknown = unknownKeys(branch)
  const absent = absentKeys(branch)
  const misspelt = unknown.filter((key) => nearest(key, absent) !== null)
  const others = branch.filter((issue) => issue.code !== 'unrecognized_keys' || issue.path.length > 0)
  const refused = branch.some((issue) => issue.code === 'custom' && issue.path.length === 0) ? refusedAsAWhole : 0
  return others.length + 2 * unknown.length + absent.length - 2.5 * misspelt.length + refused
}

export interface UnfoldedUnion {
  /** The issues of the branch that was probably meant; empty when the value has the wrong type for all of them. */
  readonly meant: readonly Issue[]
  /** What the branches expected instead: their own mismatches. */
  readonly expected: readonly Issue[]
}

/** Zod reports a union as "Invalid input" and one list of issues for each branch. */
export const unfoldUnion = (branches: readonly (readonly Issue[])[]): UnfoldedUnion => {
  const fitting = branches.filter((branch) => !branch.some(typeMismatch))
  const [best] = fitting.toSorted((a, b) => distance(a) - distance(b))
  const mismatches = branches.flatMap((branch) => branch.filter(typeMismatch))
  const expected = mismatches.flatMap((issue) =>
    issue.code === 'invalid_union' ? unfoldUnion(issue.errors).expected : [issue],
  )
  return { meant: best ?? [], expected }
}
