import { open } from 'node:fs/promises'
import { type CheckedFile, checkFile } from '../delivery/check-file.ts'
import type { FileProblem } from '../delivery/check-problems.ts'
import { counted } from '../terminal/counted.ts'
import { type ExitName, worstExit } from '../terminal/exit-code.ts'

interface CheckOptions {
  readonly delimiter: string
  readonly json?: boolean
}

const mostShown = 100

/**
 * `reelhouse export --check`: exit code 1 when a file breaks a rule, 2 when one cannot be read. All are judged, whatever the
 * others are.
 */
export const checkTravtusFiles = async (files: readonly string[], options: CheckOptions): Promise<ExitName> => {
  const exits: ExitName[] = []
  const documents: object[] = []
  for (const file of files) {
    const checked = await judgedIfReadable(file, options.delimiter)
    exits.push(checked === null ? 'config' : checked.problemCount === 0 ? 'ok' : 'failed')
    if (checked === null) continue
    if (options.json === true) documents.push(documentOf(file, checked))
    else process.stdout.write(textOf(file, checked))
  }
  const worst = worstExit(exits)
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ ok: worst === 'ok', files: documents }, null, 2)}\n`)
  return worst
}

/** Null when it cannot be read, which is told on stderr. */
const judgedIfReadable = async (file: string, delimiter: string): Promise<CheckedFile | null> => {
  try {
    return await judged(file, delimiter)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    process.stderr.write(`${file} cannot be read: ${error.message}\n`)
    return null
  }
}

/** Opened before it is judged: by a wrong name it is judged without being read, and it may not be there. */
const judged = async (file: string, delimiter: string): Promise<CheckedFile> => {
  const opened = await open(file)
  try {
    return await checkFile(file, opened.createReadStream(), { delimiter, most: mostShown })
  } finally {
    await opened.close()
  }
}

const documentOf = (file: string, { format, rows, problemCount, problems }: CheckedFile) => ({
  file,
  ok: problemCount === 0,
  format,
  rows,
  problem_count: problemCount,
  problems: problems.map(({ line, cell, text }) => ({ line, cell, problem: text })),
})

const textOf = (file: string, { rows, problemCount, problems }: CheckedFile): string => {
  const verdict = problemCount === 0 ? 'Travtus can take it' : counted(problemCount, 'problem')
  const more = problemCount > problems.length ? `... and ${problemCount - problems.length} more\n` : ''
  return `${file}: ${counted(rows, 'row')}, ${verdict}\n${problems.map(lineOf).join('')}${more}`
}

const lineOf = ({ line, cell, text }: FileProblem): string => {
  const place = [...(line === null ? ['the file'] : [`line ${line}`]), ...(cell === null ? [] : [cell])].join(', ')
  return `  ${place}: ${text}\n`
}
