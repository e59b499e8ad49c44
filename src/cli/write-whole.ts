import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { ConfigError } from '../domain/errors.ts'

/** Writes a file that a reader sees as a whole or not at all, however this process ends. Throws ConfigError where it cannot be. */
export const writeWhole = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(unfinished, text, { flag: 'wx' })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw new ConfigError([`${path} cannot be written (${code}); name a file in a folder that is there and writable`])
  }
}
