import { isMap } from './problem.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** A text with a `${NAME}` in it: what it stands for is known when the configuration is loaded. */
const reference: JsonSchema = { type: 'string', pattern: '\\$\\{' }

const closedKeys = ['enum', 'const', 'pattern']

/** A single value that a reference would not fit: a number, true/false, one of some words, a text of a certain form. */
const isClosed = (schema: JsonSchema): boolean =>
  ['number', 'integer', 'boolean'].some((type) => schema.type === type) || closedKeys.some((key) => key in schema)

const isReference = ({ pattern }: JsonSchema): boolean => typeof pattern === 'string' && pattern.includes('\\$\\{')

const isOpenText = (schema: JsonSchema): boolean => schema.type === 'string' && !isClosed(schema)

const withReference = (schema: JsonSchema): JsonSchema => {
  const { description, default: fallback, ...rest } = schema
  const notes = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  return { ...notes, anyOf: [rest, reference] }
}

const inner = (value: unknown): unknown => (isMap(value) ? allowReferences(value) : value)

const mapped = (schemas: unknown): unknown =>
  isMap(schemas) ? Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, inner(schema)])) : schemas

const alternatives = (schema: JsonSchema, branches: readonly unknown[]): JsonSchema => {
  const schemas = branches.filter(isMap)
  const some = schemas.some((branch) => isClosed(branch) && !isReference(branch)) && !schemas.some(isOpenText)
  const allowed = schemas.map((branch) => (isClosed(branch) ? branch : allowReferences(branch)))
  return { ...schema, anyOf: some ? [...allowed, reference] : allowed }
}

/** The same JSON Schema, but where a value is a number or has a certain form, a text with a reference is right too. */
export const allowReferences = (schema: JsonSchema): JsonSchema => {
  if (Array.isArray(schema.anyOf)) return alternatives(schema, schema.anyOf)
  if (isClosed(schema)) return isReference(schema) ? schema : withReference(schema)
  return {
    ...schema,
    ...('properties' in schema ? { properties: mapped(schema.properties) } : {}),
    ...('items' in schema ? { items: inner(schema.items) } : {}),
    ...('additionalProperties' in schema ? { additionalProperties: inner(schema.additionalProperties) } : {}),
  }
}
