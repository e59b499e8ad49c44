import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'
import { type Finding, type Path, pathKey } from './problem.ts'

/** Aliases may repeat a block a few hundred times; ten lines of aliases to aliases could repeat it a billion times. */
const maxAliasedNodes = 20_000
const maxDepth = 64

const coreTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`))

export interface WalkedYaml {
  readonly content: unknown
  readonly lines: ReadonlyMap<string, number>
  readonly findings: readonly Finding[]
}

interface Walk {
  readonly document: Document.Parsed
  readonly lineOf: (offset: number) => number
  readonly lines: Map<string, number>
  readonly findings: Finding[]
  /** Collections that are being walked: an alias to one of them would never end. */
  readonly open: Set<unknown>
  aliasedNodes: number
}

const refuse = (walk: Walk, path: Path, text: string): null => {
  walk.findings.push({ path, text })
  return null
}

const keyText = (key: unknown): string => {
  const value = isScalar(key) ? key.value : key
  return value === null ? '' : String(value)
}

const noteLine = (walk: Walk, path: Path, node: unknown): void => {
  const offset = isNode(node) ? node.range?.[0] : undefined
  if (offset !== undefined) walk.lines.set(pathKey(path), walk.lineOf(offset))
}

const mapOf = (walk: Walk, node: YAMLMap, path: Path, depth: number, aliased: boolean): unknown => {
  const entries = new Map<string, unknown>()
  for (const { key, value } of node.items satisfies Pair[]) {
    const name = keyText(key)
    const keyPath = [...path, name]
    if (entries.has(name)) {
      const first = walk.lines.get(pathKey(keyPath))
      noteLine(walk, keyPath, key)
      refuse(walk, keyPath, `written twice in the same place (first on line ${first}); allowed: once`)
      continue
    }
    noteLine(walk, keyPath, isCollection(value) || !isNode(value) || isEmpty(value) ? key : value)
    if (name === '<<') refuse(walk, keyPath, 'merge keys are not YAML 1.2; allowed: the keys themselves')
    else entries.set(name, contentOf(walk, value, keyPath, depth + 1, aliased))
  }
  return Object.fromEntries(entries)
}

/** `key:` with nothing behind it: the parser places the value on the next line. */
const isEmpty = (node: unknown): boolean => isScalar(node) && node.value === null && node.source === ''

const aliasTarget = (walk: Walk, node: unknown, path: Path, depth: number): unknown => {
  const target = isAlias(node) ? node.resolve(walk.document) : undefined
  if (target === undefined)
    return refuse(walk, path, 'an alias (*) without its anchor (&); a text that begins with * needs quotes')
  if (walk.open.has(target)) return refuse(walk, path, 'an alias to a block that it is part of')
  return contentOf(walk, target, path, depth, true)
}

const collectionOf = (walk: Walk, node: unknown, path: Path, depth: number, aliased: boolean): unknown => {
  walk.open.add(node)
  const value = isMap(node)
    ? mapOf(walk, node, path, depth, aliased)
    : isSeq(node)
      ? node.items.map((item, index) => {
          noteLine(walk, [...path, index], item)
          return contentOf(walk, item, [...path, index], depth + 1, aliased)
        })
      : null
  walk.open.delete(node)
  return value
}

const contentOf = (walk: Walk, node: unknown, path: Path, depth: number, aliased: boolean): unknown => {
  if (aliased) walk.aliasedNodes += 1
  if (walk.aliasedNodes > maxAliasedNodes) {
    const said = walk.aliasedNodes > maxAliasedNodes + 1
    return said ? null : refuse(walk, path, `aliases repeat more than ${maxAliasedNodes} values; allowed: fewer`)
  }
  if (depth > maxDepth) return refuse(walk, path, `nested more than ${maxDepth} levels deep; allowed: fewer`)
  if (isAlias(node)) return aliasTarget(walk, node, path, depth)
  if (isNode(node) && node.tag !== undefined && !coreTags.has(node.tag))
    return refuse(walk, path, 'a YAML tag (!); allowed: plain values; a text that begins with ! needs quotes')
  if (isCollection(node)) return collectionOf(walk, node, path, depth, aliased)
  return isScalar(node) ? node.value : null
}

/** Turns a parsed document into plain data, with the line of every value; what is YAML but not allowed here becomes a finding. */
export const walkYaml = (document: Document.Parsed, lineOf: (offset: number) => number): WalkedYaml => {
  const walk: Walk = { document, lineOf, lines: new Map(), findings: [], open: new Set(), aliasedNodes: 0 }
  noteLine(walk, [], document.contents)
  const content = contentOf(walk, document.contents, [], 0, false)
  return { content, lines: walk.lines, findings: walk.findings }
}
