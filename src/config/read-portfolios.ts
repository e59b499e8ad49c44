import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { checkValue } from './check-value.ts'
import type { Env } from './env-reference.ts'
import { displayName, readText } from './list-config-files.ts'
import { parsePortfolioCsv } from './parse-portfolio-csv.ts'
import type { PlacedRule } from './placed-rule.ts'
import type { PortfolioSettings } from './portfolio-settings.ts'
import { fileProblem, type Problem, valueAt } from './problem.ts'
import type { Section } from './read-section.ts'
import { lineAt, problemAt, type YamlFile } from './yaml-file.ts'

export interface ReadPortfolios {
  readonly rules: readonly PlacedRule[]
  readonly problems: readonly Problem[]
}

const none: ReadPortfolios = { rules: [], problems: [] }

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const inlineRules = ({ file, value }: Section<PortfolioSettings>): readonly PlacedRule[] =>
  file === null || value === null
    ? []
    : value.rules.map((rule, index) => ({ rule, file: file.name, line: lineAt(file, ['portfolios', 'rules', index]) }))

const readRules = async (path: string, cwd: string): Promise<ReadPortfolios> => {
  const read = await readText(path, cwd)
  return 'path' in read ? parsePortfolioCsv(read.name, read.text) : { rules: [], problems: [read] }
}

/** The file that the settings name. It is read even when other settings have problems, so that its own are seen at once. */
const namedFile = ({ file, written }: Section<PortfolioSettings>, env: Env): string | null => {
  const named = checkValue(z.object({ file: z.string().min(1) }), { file: valueAt(written, ['file']) }, env).value
  return file === null || named === null ? null : resolve(dirname(file.path), named.file)
}

const readNamed = async (path: string, section: Section<PortfolioSettings>, cwd: string): Promise<ReadPortfolios> => {
  if ((await exists(path)) || section.file === null) return readRules(path, cwd)
  const text = `${JSON.stringify(displayName(path, cwd))} does not exist or is not readable; allowed: a CSV file, relative to this one`
  return { rules: [], problems: [problemAt(section.file, ['portfolios', 'file'], text)] }
}

const readBeside = async (files: readonly YamlFile[], cwd: string): Promise<ReadPortfolios> => {
  const candidates = [...new Set(files.map((file) => join(dirname(file.path), 'portfolios.csv')))]
  const found = await Promise.all(candidates.map(async (path) => ((await exists(path)) ? [path] : [])))
  const [path, second] = found.flat()
  if (path === undefined) return none
  if (second === undefined) return readRules(path, cwd)
  const text = `${displayName(path, cwd)} stands beside a configuration file too; allowed: portfolios.file, naming one of them`
  return { rules: [], problems: [fileProblem(displayName(second, cwd), null, text)] }
}

/** All rules in the order of matching: those of the section, then those of its file. */
export const readPortfolios = async (
  section: Section<PortfolioSettings>,
  files: readonly YamlFile[],
  env: Env,
  cwd: string,
): Promise<ReadPortfolios> => {
  const path = namedFile(section, env)
  const unnamed = valueAt(section.written, ['file']) === undefined
  const fromFile = path !== null ? await readNamed(path, section, cwd) : unnamed ? await readBeside(files, cwd) : none
  return { rules: [...inlineRules(section), ...fromFile.rules], problems: fromFile.problems }
}
