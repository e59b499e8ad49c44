import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { commandsReference } from './commands.ts'
import { configurationReference } from './configuration.ts'
import { dataDictionary, uncommented } from './data-dictionary.ts'
import { dbtSources, promised, readableRelations } from './dbt-sources.ts'
import { exitCodesReference } from './exit-codes.ts'
import { root } from './pages.ts'

let database: TestDatabase
let workplace: Workplace
beforeAll(async () => {
  database = await createTestDatabase()
  workplace = await createWorkplace(null)
})
afterAll(async () => {
  await workplace.remove()
  await database.drop()
})

/** UPDATE_DOCS=1 (npm run docs) writes the page instead. */
const expectFile = async (name: string, generated: string): Promise<void> => {
  const path = join(root, name)
  if (process.env.UPDATE_DOCS === '1') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, generated)
  }
  expect(await readFile(path, 'utf8'), `${name} is out of date: npm run docs`).toBe(generated)
}

const expectPage = (name: string, generated: string) => expectFile(`docs/reference/${name}`, generated)

test('the data dictionary is that of a migrated database', async () => {
  await expectPage('data-dictionary.md', await dataDictionary(database))
})

test('every table, view and column has a comment', async () => {
  expect(await uncommented(database)).toEqual([])
})

test('the sources file for dbt has every view that analysts read, and says of each what must hold', async () => {
  await expectFile('config/dbt/sources.yml', await dbtSources(database))
  const relations = await readableRelations(database)
  expect(Object.keys(promised).sort()).toEqual(relations.map(({ name }) => name).sort())
  for (const { name, columns } of relations) {
    const { unique = [], notNull = [], accepted = {}, nullable = [] } = promised[name] ?? {}
    const named = [...unique, ...notNull, ...nullable, ...Object.keys(accepted)]
    expect(columns.map((column) => column.name)).toEqual(expect.arrayContaining(named))
  }
})

test('the configuration reference is that of the validators', async () => {
  await expectPage('configuration.md', configurationReference())
})

test('the exit codes are those of the program', async () => {
  await expectPage('exit-codes.md', exitCodesReference())
})

test('the commands are what the program prints about itself', async () => {
  await expectPage('commands.md', await commandsReference(workplace))
})
