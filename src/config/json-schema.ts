import { z } from 'zod'
import { allowReferences, type JsonSchema } from './allow-references.ts'
import { connectionSettings } from './connection-settings.ts'
import { exportSettings } from './export-settings.ts'
import { portfolioSettings } from './portfolio-settings.ts'
import { privacySettings } from './privacy.ts'
import { isMap } from './problem.ts'
import type { SettingsBySource } from './read-connections.ts'
import { readingSettings } from './reading.ts'
import { retentionSettings } from './retention.ts'
import { travtusSettings } from './travtus.ts'
import { warehouseSettings } from './warehouse.ts'

const inputSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  })
  return rest
}

const propertiesOf = (schema: JsonSchema): JsonSchema => (isMap(schema.properties) ? schema.properties : {})

const requiredOf = (schema: JsonSchema): readonly unknown[] => (Array.isArray(schema.required) ? schema.required : [])

/** Settings that are a union of maps give one schema for each. */
const variantsOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const branches = [schema.anyOf, schema.oneOf].find(Array.isArray)
  return branches === undefined ? [schema] : branches.filter(isMap).flatMap(variantsOf)
}

/** One map with the common keys and those of the source: JSON Schema cannot join two maps that both refuse unknown keys. */
const connectionVariants = (source: string, settings: z.ZodType): readonly JsonSchema[] => {
  const common = inputSchema(connectionSettings([source]))
  return variantsOf(inputSchema(settings)).map((variant) => ({
    ...allowReferences({
      type: 'object',
      properties: { ...propertiesOf(common), ...propertiesOf(variant) },
      required: [...new Set([...requiredOf(common), ...requiredOf(variant)])],
      additionalProperties: false,
    }),
    title: `${source} connection`,
  }))
}

const withSourceConst = (connection: JsonSchema, source: string): JsonSchema => ({
  ...connection,
  properties: { ...propertiesOf(connection), source: { const: source, description: 'What kind of system it is' } },
})

/** JSON Schema of one configuration file, for editors. What only the loader can judge (zones, references, ids) it lets pass. */
export const configJsonSchema = (settingsBySource: SettingsBySource): JsonSchema => {
  const connections = Object.entries(settingsBySource).flatMap(([source, settings]) =>
    connectionVariants(source, settings).map((variant) => withSourceConst(variant, source)),
  )
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Reelhouse configuration',
    type: 'object',
    properties: {
      warehouse: allowReferences(inputSchema(warehouseSettings)),
      connections: { type: 'array', items: { anyOf: connections } },
      portfolios: allowReferences(inputSchema(portfolioSettings)),
      travtus: allowReferences(inputSchema(travtusSettings)),
      retention: allowReferences(inputSchema(retentionSettings)),
      privacy: allowReferences(inputSchema(privacySettings)),
      reading: allowReferences(inputSchema(readingSettings)),
      export: allowReferences(inputSchema(exportSettings)),
    },
    additionalProperties: false,
  }
}
