import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../../src')

/** What a folder of src may import besides itself. cli wires everything. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  transform: ['domain'],
  sources: ['domain', 'transform'],
  delivery: ['domain', 'transform'],
  config: ['domain'],
  warehouse: ['domain', 'load'],
  load: ['domain', 'transform', 'warehouse'],
  pipeline: ['domain', 'transform', 'sources', 'delivery'],
  terminal: ['domain', 'transform', 'pipeline'],
  travtus: ['domain', 'sources'],
  report: ['domain', 'load'],
  simulator: ['domain', 'transform'],
  cli: [
    'domain',
    'transform',
    'sources',
    'delivery',
    'config',
    'warehouse',
    'load',
    'pipeline',
    'terminal',
    'travtus',
    'report',
    'simulator',
  ],
}

interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly specifier: string
  readonly typeOnly: boolean
}

const files = async (): Promise<readonly string[]> =>
  (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts')).map((file) => join(src, file))

const importsOf = async (file: string): Promise<readonly Import[]> => {
  const text = await readFile(file, 'utf8')
  return Array.from(text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gms), (match) => {
    const specifier = match[2] ?? ''
    const target = specifier.startsWith('.') ? relative(src, resolve(dirname(file), specifier)) : ''
    return {
      file: relative(src, file),
      from: relative(src, file).split('/')[0] ?? '',
      to: target.split('/')[0] ?? '',
      specifier,
      typeOnly: match[1] !== undefined,
    }
  })
}

test('a folder imports only the folders below it', async () => {
  const imports = (await Promise.all((await files()).map(importsOf))).flat()
  expect(imports.length).toBeGreaterThan(200)
  const strays = imports.filter(({ from, to }) => to !== '' && to !== from && !allowed[from]?.includes(to))
  expect(strays.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
})

test.each(['warehouse', 'report'])('%s takes no more than types from load', async (folder) => {
  const imports = (await Promise.all((await files()).map(importsOf))).flat()
  const strays = imports.filter(({ from, to, typeOnly }) => from === folder && to === 'load' && !typeOnly)
  expect(strays).toEqual([])
})

test('folders lie no deeper than two levels', async () => {
  const depths = (await files()).map((file) => relative(src, file).split('/').length - 1)
  expect(Math.max(...depths)).toBeLessThanOrEqual(2)
})

/** The words by which a file would reach around its layer. */
const reserved = [
  { what: 'the process', pattern: /\bprocess\.(?!pid\b)[a-z]/, in: ['cli', 'warehouse'] },
  { what: 'SQL sessions', pattern: /from '(?:pg|pg-copy-streams|kysely)'/, in: ['load', 'warehouse'] },
  { what: 'the console', pattern: /\bconsole\./, in: [] },
] as const

test.each(reserved)('only its own layer uses $what', async ({ pattern, in: layers }) => {
  const strays: string[] = []
  for (const file of await files()) {
    const layer = relative(src, file).split('/')[0] ?? ''
    if (!layers.some((allowedLayer) => allowedLayer === layer) && pattern.test(await readFile(file, 'utf8'))) {
      strays.push(relative(src, file))
    }
  }
  expect(strays).toEqual([])
})
