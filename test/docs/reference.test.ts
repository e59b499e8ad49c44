import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { commandsReference } from './commands.ts'
import { configurationReference } from './configuration.ts'
import { dataDictionary, uncommented } from './data-dictionary.ts'
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
const expectPage = async (name: string, generated: string): Promise<void> => {
  const path = join(root, 'docs/reference', name)
  if (process.env.UPDATE_DOCS === '1') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, generated)
  }
  expect(await readFile(path, 'utf8'), `docs/reference/${name} is out of date: npm run docs`).toBe(generated)
}

test('the data dictionary is that of a migrated database', async () => {
  await expectPage('data-dictionary.md', await dataDictionary(database))
})

test('every table, view and column has a comment', async () => {
  expect(await uncommented(database)).toEqual([])
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
