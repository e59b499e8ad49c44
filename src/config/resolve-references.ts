import { redacted, Secret, secretsOfUrl } from '../domain/secret.ts'
import { passwordsOf } from '../domain/url-password.ts'
import { type Env, fillTemplate, parseTemplate, soleReference, type Template, unsetNames } from './env-reference.ts'
import { type Finding, isMap, type Path, pathKey } from './problem.ts'
import { layersUnder, type Schema, secretKind, takesText } from './schema-layers.ts'

export interface Resolved {
  /** The value with its `${NAME}` replaced, secrets as Secret. */
  readonly value: unknown
  readonly findings: readonly Finding[]
  /** The text as written where it holds a reference, by `pathKey`: problems show it, never what the environment held. */
  readonly written: ReadonlyMap<string, string>
  readonly secrets: readonly Secret[]
}

interface Walk {
  readonly env: Env
  readonly findings: Finding[]
  readonly written: Map<string, string>
  readonly secrets: Secret[]
}

const yamlScalar = (text: string): unknown => {
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  return /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+)$/.test(text)
    ? Number(text)
    : text
}

const refuse = (walk: Walk, path: Path, text: string): null => {
  walk.findings.push({ path, text })
  return null
}

const notSet = (names: readonly string[], advice: string): string =>
  `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not set in the environment; ${advice}`

/** Left as written when it is not one reference: its schema then refuses it. */
const resolveSecret = (walk: Walk, text: string, template: Template, path: Path): unknown => {
  const reference = soleReference(template)
  if (reference === null || reference.fallback !== null) return text
  const value = walk.env[reference.name] ?? ''
  if (value === '') return refuse(walk, path, notSet([reference.name], 'set it there'))
  const secret = new Secret(value)
  walk.secrets.push(secret)
  return secret
}

/** A password with anything but `${NAME}` in it stands in the file. */
const hasLiteralPassword = (text: string): boolean =>
  passwordsOf(text.replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '\0')).some((password) => !/^\0+$/.test(password))

const resolvePlain = (walk: Walk, template: Template, layers: readonly Schema[], path: Path): unknown => {
  const unset = unsetNames(template, walk.env)
  const [name] = unset
  if (name !== undefined)
    return refuse(
      walk,
      path,
      notSet(unset, `set ${unset.length === 1 ? 'it' : 'them'} there, or write \${${name}:-default}`),
    )
  const filled = fillTemplate(template, walk.env)
  return soleReference(template) !== null && !takesText(layers) ? yamlScalar(filled) : filled
}

const resolveUrl = (walk: Walk, text: string, template: Template, layers: readonly Schema[], path: Path): unknown => {
  if (hasLiteralPassword(text))
    return refuse(
      walk,
      path,
      `${redacted} holds a password; write \${NAME} in its place and set NAME in the environment`,
    )
  const url = resolvePlain(walk, template, layers, path)
  if (typeof url === 'string') walk.secrets.push(...secretsOfUrl(url))
  return url
}

/** The text of a key that no schema knows stays as it is: the key is the problem. */
const resolveText = (walk: Walk, text: string, layers: readonly Schema[], path: Path): unknown => {
  if (layers.length === 0) return text
  const kind = secretKind(layers)
  const template = parseTemplate(text)
  if (template === null) {
    const shown = kind === null ? JSON.stringify(text) : redacted
    return refuse(
      walk,
      path,
      `${shown} has a malformed reference; allowed: \${NAME}, \${NAME:-default}, and $\${ for a plain \${`,
    )
  }
  if (template.some((piece) => typeof piece !== 'string')) walk.written.set(pathKey(path), text)
  if (kind === 'reference') return resolveSecret(walk, text, template, path)
  if (kind === 'url') return resolveUrl(walk, text, template, layers, path)
  return resolvePlain(walk, template, layers, path)
}

const resolveValue = (walk: Walk, value: unknown, layers: readonly Schema[], path: Path): unknown => {
  if (typeof value === 'string') return resolveText(walk, value, layers, path)
  const inner = (item: unknown, key: string | number) =>
    resolveValue(walk, item, layersUnder(layers, key), [...path, key])
  if (Array.isArray(value)) return value.map(inner)
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)])) : value
}

/** Replaces the references in every text of a value that is about to be judged by the schemas of `layers`. */
export const resolveReferences = (value: unknown, layers: readonly Schema[], env: Env): Resolved => {
  const walk: Walk = { env, findings: [], written: new Map(), secrets: [] }
  return { value: resolveValue(walk, value, layers, []), ...walk }
}
