import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { builtProgram } from '../support/bundle-program.ts'
import { createLoadScenario } from '../support/load-scenario.ts'

const run = promisify(execFile)

/** Other tests start it as one file (bundle-program.ts). */
test('the program as it is built, module by module, loads dumps and says how it is', async () => {
  const scenario = await createLoadScenario()
  onTestFinished(() => scenario.close())
  const { database, workplace } = scenario
  const options = { cwd: workplace.folder, env: { ...process.env, DATABASE_URL: database.url } }
  const start = (...args: readonly string[]) => run(process.execPath, [builtProgram, ...args], options)
  expect((await start('sync', '--json')).stdout).toContain('"state": "succeeded"')
  const { stdout } = await start('status', '--json')
  expect(JSON.parse(stdout).streams).toMatchObject([
    { connection: 'calls', rows: 40 },
    { connection: 'chats', rows: 25 },
  ])
})
