import { connectionKeys } from '../../src/config/connection-settings.ts'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { isMap } from '../../src/config/problem.ts'
import { sources } from '../../src/sources/registry.ts'
import { code, generatedPage, table } from './markdown.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** One key of the configuration, by its path from the top: `connections[].columns.created_at.format`. */
export interface ConfigKey {
  readonly path: string
  readonly schemas: readonly JsonSchema[]
  readonly required: boolean
}

const listOf = (value: unknown): readonly JsonSchema[] => (Array.isArray(value) ? value.filter(isMap) : [])

/** The text with a `${NAME}` that every closed value may be instead: said once, above the tables. */
const isReference = ({ pattern }: JsonSchema): boolean => pattern === '\\$\\{'

/** The alternatives of a value, those of alternatives included. */
const branchesOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const branches = [...listOf(schema.anyOf), ...listOf(schema.oneOf)].filter((branch) => !isReference(branch))
  return branches.length === 0 ? [schema] : branches.flatMap(branchesOf)
}

const keysUnder = (path: string, schema: JsonSchema): readonly ConfigKey[] =>
  branchesOf(schema).flatMap((branch) => {
    if (isMap(branch.items)) return keysUnder(`${path}[]`, branch.items)
    if (!isMap(branch.properties)) return []
    const required = Array.isArray(branch.required) ? branch.required : []
    return Object.entries(branch.properties).flatMap(([name, value]) => {
      const inner = isMap(value) ? value : {}
      const key = { path: path === '' ? name : `${path}.${name}`, schemas: [inner], required: required.includes(name) }
      return [key, ...keysUnder(key.path, inner)]
    })
  })

/** Each key once, in its order. A key of several alternatives has the schema of each. */
const merged = (keys: readonly ConfigKey[]): readonly ConfigKey[] => {
  const found = new Map<string, ConfigKey>()
  for (const key of keys) {
    const before = found.get(key.path)
    const schemas = [...(before?.schemas ?? []), ...key.schemas]
    found.set(key.path, { ...key, schemas, required: key.required && (before?.required ?? true) })
  }
  return [...found.values()]
}

/** Every key of the JSON Schema once. */
export const configKeys = (schema: JsonSchema = configJsonSchema(sources)): readonly ConfigKey[] =>
  merged(keysUnder('', schema))

const durationPattern = '^([1-9][0-9]{0,5})(s|m|h|d)$'

const literal = (value: unknown): string => (typeof value === 'string' ? code(value) : code(JSON.stringify(value)))

const typeOf = (schema: JsonSchema): string => {
  if ('const' in schema) return literal(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map(literal).join(', ')
  if (schema.type === 'array') return `list of ${isMap(schema.items) ? typesOf([schema.items]) : 'anything'}`
  if (schema.type !== 'object') {
    if (schema.pattern === durationPattern) return 'duration (`30s`, `5m`, `12h`, `90d`)'
    return schema.type === 'string' ? 'text' : String(schema.type ?? 'anything')
  }
  if (isMap(schema.properties)) return `map { ${Object.keys(schema.properties).join(', ')} }`
  return isMap(schema.additionalProperties) ? `map of names to ${typesOf([schema.additionalProperties])}` : 'map'
}

const typesOf = (schemas: readonly JsonSchema[]): string =>
  [...new Set(schemas.flatMap(branchesOf).map(typeOf))].join(' or ')

const descriptionsOf = (schemas: readonly JsonSchema[]): string => {
  const own = schemas.flatMap(({ description }) => (typeof description === 'string' ? [description] : []))
  const branches = schemas.flatMap(branchesOf).flatMap((branch) => {
    const { description } = branch
    return 'const' in branch && typeof description === 'string' ? [`${literal(branch.const)}: ${description}`] : []
  })
  return [...new Set([...own, ...(own.length === 0 ? branches : [])])].join('. ')
}

const defaultOf = ({ schemas, required }: ConfigKey): string => {
  if (required) return '**required**'
  const stated = schemas.find((schema) => 'default' in schema)
  return stated === undefined ? '' : literal(stated.default)
}

const keyTable = (keys: readonly ConfigKey[]): string =>
  table(
    ['key', 'type', 'default', 'meaning'],
    keys.map((key) => [code(key.path), typesOf(key.schemas), defaultOf(key), descriptionsOf(key.schemas)]),
  )

const isCommon = ({ path }: ConfigKey): boolean => connectionKeys.some((common) => common === path)

const pageOf = (source: string): string => (source === 'files' ? '../files.md' : `../sources/${source}.md`)

/** Keys of connections that only this source has, as they are written below the dash of its entry. */
const sourceSection = (source: string): string => {
  const own = merged(keysUnder('', connectionOf([source]))).filter((key) => !isCommon(key))
  return [
    `### \`source: ${source}\``,
    `Explained in [${pageOf(source).slice(3)}](${pageOf(source)}).`,
    keyTable(own),
  ].join('\n\n')
}

/** What a connection of these sources may be. */
const connectionOf = (names: readonly string[]): JsonSchema => {
  const { properties } = configJsonSchema(
    Object.fromEntries(Object.entries(sources).filter(([name]) => names.includes(name))),
  )
  const connections = isMap(properties) ? properties.connections : {}
  return isMap(connections) && isMap(connections.items) ? connections.items : {}
}

const connectionsSection = (text: string): string => {
  const names = Object.keys(sources).sort()
  const common = merged(keysUnder('', connectionOf(names))).filter(isCommon)
  return ['## connections', text, keyTable(common), ...names.map(sourceSection)].join('\n\n')
}

const about = `Every key of a configuration file, from the validators themselves (\`reelhouse schema\` prints the same as JSON Schema).

- A text may hold \`\${NAME}\` or \`\${NAME:-default}\`: the environment variable, or the default when it is unset or empty.
  \`$\${\` is a plain \`\${\`. A number or a word may be written as \`\${NAME}\`, too.
- \`[]\` stands for every entry of a list. **required** below a key that has several forms means: in the form that has it.
- An unknown key is an error. All problems of all files are reported at once.

What the keys are for, with examples: [operator.md](../operator.md), the page of each source, and
[config/examples/reelhouse.yaml](../../config/examples/reelhouse.yaml).`

const sections: Readonly<Record<string, string>> = {
  warehouse: 'Where the tables are. In one file only.',
  connections:
    'One entry for each account of a source. Any file may have some. First the keys of every connection, then those of each\nsource; all as they stand in an entry.',
  portfolios: 'Which community a call belongs to. In one file only.',
  travtus: 'How Travtus is asked for communities, by `reelhouse portfolios` alone. In one file only.',
  retention: 'What `reelhouse prune` deletes. In one file only.',
  privacy: 'What persons are forgotten with: [privacy.md](../privacy.md). In one file only.',
  reading: 'How much is read at once. In one file only.',
  export:
    'Files for Travtus ([travtus-files.md](../travtus-files.md)). In one file only; without it nothing is exported, and what\nis required here is required of nobody.',
}

export const configurationReference = (): string => {
  const keys = configKeys()
  const strays = keys.filter(({ path }) => !Object.hasOwn(sections, /^\w+/.exec(path)?.[0] ?? ''))
  if (strays.length > 0) throw new Error(`no section for ${strays.map(({ path }) => path).join(', ')}`)
  const section = ([name, text]: readonly [string, string]): string =>
    name === 'connections'
      ? connectionsSection(text)
      : [`## ${name}`, text, keyTable(keys.filter(({ path }) => path.startsWith(`${name}.`)))].join('\n\n')
  return generatedPage('Configuration', about, Object.entries(sections).map(section))
}
