import { numberProblems, type SettingProblem } from '../number-problems.ts'

interface Written {
  readonly shape?: string | undefined
  readonly own_numbers?: readonly string[] | undefined
  readonly fields?: object | undefined
  readonly default_country?: string | undefined
  readonly media: string
  readonly version: unknown
}

const readsColumn = (version: unknown): boolean =>
  typeof version === 'object' && version !== null && 'column' in version

/** By the shape that they are of use for. */
const strays = ({ shape, own_numbers, fields }: Written): readonly SettingProblem[] => {
  const onlyWith = (name: string, needed: string): SettingProblem => ({
    path: [name],
    message: `is of no use without shape: ${needed}; allowed there only`,
  })
  return [
    ...(own_numbers === undefined || shape === 'telnyx' ? [] : [onlyWith('own_numbers', 'telnyx')]),
    ...(fields === undefined || shape === 'dotdo' ? [] : [onlyWith('fields', 'dotdo')]),
  ]
}

/** The member that states the version of a record, by shape. */
const versionMembers: Readonly<Record<string, string>> = { telnyx: 'updated_at', dotdo: 'updated' }

/** Settings that the shapes of vendors do without, and those that nothing else has a use for. */
export const shapeProblems = (settings: Written): readonly SettingProblem[] => {
  const { shape = '', media, version } = settings
  const problems: SettingProblem[] = [...strays(settings)]
  const member = versionMembers[shape]
  if (member === undefined) return problems
  problems.push(...numberProblems({ ...settings, own_numbers: shape === 'telnyx' ? settings.own_numbers : undefined }))
  if (media !== 'audio')
    problems.push({ path: ['media'], message: `is not allowed with shape: ${shape}; allowed: audio` })
  if (readsColumn(version)) {
    const allowed = `allowed: mtime, none, a file_name; they are for recordings without ${member}`
    problems.push({ path: ['version'], message: `is not needed with shape: ${shape}; ${allowed}` })
  }
  return problems
}
