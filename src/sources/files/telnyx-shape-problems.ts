import { numberProblems, type SettingProblem } from '../telnyx/number-problems.ts'

interface Written {
  readonly shape?: string | undefined
  readonly own_numbers?: readonly string[] | undefined
  readonly default_country?: string | undefined
  readonly media: string
  readonly version: unknown
}

const readsColumn = (version: unknown): boolean =>
  typeof version === 'object' && version !== null && 'column' in version

/** Settings that `shape: telnyx` does without, and those that nothing else has a use for. */
export const telnyxShapeProblems = (settings: Written): readonly SettingProblem[] => {
  const { shape, own_numbers, media, version } = settings
  if (shape !== 'telnyx') {
    return own_numbers === undefined
      ? []
      : [{ path: ['own_numbers'], message: 'is of no use without shape: telnyx; allowed there only' }]
  }
  const problems: SettingProblem[] = [...numberProblems(settings)]
  if (media !== 'audio')
    problems.push({ path: ['media'], message: 'is not allowed with shape: telnyx; allowed: audio' })
  if (readsColumn(version)) {
    const allowed = 'allowed: mtime, none, a file_name; they are for recordings without updated_at'
    problems.push({ path: ['version'], message: `is not needed with shape: telnyx; ${allowed}` })
  }
  return problems
}
