import { LineCounter, parseAllDocuments, type YAMLError } from 'yaml'
import { fileProblem, type Problem } from './problem.ts'
import { walkYaml } from './walk-yaml.ts'
import { problemAt, type YamlFile } from './yaml-file.ts'

export interface ReadYaml {
  readonly file: YamlFile
  readonly problems: readonly Problem[]
  /** False when the text is no YAML at all: its content says nothing about what the operator configured. */
  readonly readable: boolean
}

/** The library quotes the offending text behind a colon; it may be a credential with a stray character. */
const withoutQuotedText = (message: string): string => message.replace(/: ".*$/s, '').replace(/`.*`/s, '')

const syntaxText = (error: YAMLError, text: string): string => {
  const lineStart = text.lastIndexOf('\n', error.pos[0] - 1) + 1
  const [line = ''] = text.slice(lineStart).split('\n', 1)
  const hint = /[[{,].*\$\{/.test(line) ? ` (a \${NAME} inside [ ] or { } needs quotes)` : ''
  return `not YAML: ${withoutQuotedText(error.message)}${hint}`
}

/** Parses one file: YAML 1.2 core schema, one document. */
export const readYaml = (name: string, path: string, text: string): ReadYaml => {
  const counter = new LineCounter()
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: counter,
  })
  const lineOf = (offset: number) => counter.linePos(offset).line
  const documents = Array.from(parsed)
  const errors = documents.flatMap((document) => document.errors)
  const [first, second] = documents
  if (errors.length > 0 || first === undefined) {
    const byLine = new Map(errors.toReversed().map((error) => [lineOf(error.pos[0]), error] as const))
    const problems = [...byLine].map(([line, error]) => fileProblem(name, line, syntaxText(error, text)))
    const file: YamlFile = { name, path, content: null, lines: new Map() }
    return { file, problems, readable: errors.length === 0 }
  }
  const { content, lines, findings } = walkYaml(first, lineOf)
  const file: YamlFile = { name, path, content, lines }
  const problems = findings.map((finding) => problemAt(file, finding.path, finding.text))
  if (second === undefined) return { file, problems, readable: true }
  const secondLine = lineOf(second.range[0])
  const extra = fileProblem(name, secondLine, 'a second document begins here; allowed: one document in a file')
  return { file, problems: [...problems, extra], readable: true }
}
