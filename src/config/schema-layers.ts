import { z } from 'zod'
import { secretFields } from '../domain/secret.ts'

export type Schema = z.core.$ZodType

const wrappers = [
  z.core.$ZodOptional,
  z.core.$ZodNullable,
  z.core.$ZodDefault,
  z.core.$ZodPrefault,
  z.core.$ZodCatch,
  z.core.$ZodReadonly,
  z.core.$ZodNonOptional,
]

const innerOf = (schema: Schema): readonly Schema[] => {
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options
  if (schema instanceof z.core.$ZodIntersection) return [schema._zod.def.left, schema._zod.def.right]
  if (schema instanceof z.core.$ZodLazy) return [schema._zod.def.getter()]
  if (schema instanceof z.core.$ZodPipe) {
    const { in: input, out } = schema._zod.def
    return input instanceof z.core.$ZodTransform ? [out] : [input]
  }
  const wrapper = wrappers.find((kind) => schema instanceof kind)
  return wrapper !== undefined && schema instanceof wrapper ? [schema._zod.def.innerType] : []
}

/**
 * Every schema that may judge a value: wrappers, branches of unions and what they wrap. The loader needs to know what a
 * place expects before its value is valid: whether it is secret, whether it takes text, which keys it knows.
 */
export const layersOf = (schemas: readonly Schema[]): readonly Schema[] => {
  const layers = new Set(schemas)
  for (const layer of layers) for (const inner of innerOf(layer)) layers.add(inner)
  return [...layers]
}

const valueOfKey = (layer: z.core.$ZodObject, key: string | number): Schema | undefined => {
  const { shape, catchall } = layer._zod.def
  return Object.hasOwn(shape, key) ? shape[key] : catchall instanceof z.core.$ZodNever ? undefined : catchall
}

const itemOf = (layer: Schema, key: string | number): Schema | undefined => {
  if (layer instanceof z.core.$ZodObject) return valueOfKey(layer, key)
  if (layer instanceof z.core.$ZodRecord) return layer._zod.def.valueType
  if (layer instanceof z.core.$ZodArray) return layer._zod.def.element
  if (layer instanceof z.core.$ZodTuple) return layer._zod.def.items[Number(key)] ?? layer._zod.def.rest ?? undefined
  return layer instanceof z.core.$ZodUnknown || layer instanceof z.core.$ZodAny ? layer : undefined
}

/** The layers of a map's key or a list's item; none when no schema knows it. */
export const layersUnder = (layers: readonly Schema[], key: string | number): readonly Schema[] =>
  layersOf(layers.flatMap((layer) => itemOf(layer, key) ?? []))

export const secretKind = (layers: readonly Schema[]): 'reference' | 'url' | null => {
  const kinds = layers.flatMap((layer) => secretFields.get(layer)?.kind ?? [])
  return kinds[0] ?? null
}

const takesTextItself = (layer: Schema): boolean => {
  if (layer instanceof z.core.$ZodLiteral) return layer._zod.def.values.some((value) => typeof value === 'string')
  if (layer instanceof z.core.$ZodEnum) return true
  return [z.core.$ZodString, z.core.$ZodTemplateLiteral, z.core.$ZodAny, z.core.$ZodUnknown, z.core.$ZodCustom].some(
    (kind) => layer instanceof kind,
  )
}

/** False when only numbers, true/false or collections fit: then a value from the environment is read like a YAML scalar. */
export const takesText = (layers: readonly Schema[]): boolean => layers.some(takesTextItself)

/** The keys of every map that fits, in the order of the schema. */
export const knownKeys = (layers: readonly Schema[]): readonly string[] => [
  ...new Set(layers.flatMap((layer) => (layer instanceof z.core.$ZodObject ? Object.keys(layer._zod.def.shape) : []))),
]
