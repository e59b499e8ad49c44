import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ConfigError, ReelhouseError, TransientError } from '../domain/errors.ts'
import type { Delivery, OutgoingFile, StagedFile } from './delivery.ts'

/** Beside the folders of Travtus, not in them: whoever uploads those finds no half-written file. */
const draftsFolder = '.drafts'

/** Files hold personal data: for us and our group. */
const fileMode = 0o640
const folderMode = 0o750

/** Writes files below a folder. A draft is complete and on the disk before it gets its name. */
export const folderDelivery = (folder: string): Delivery => ({
  stage: (file, content) => told(folder, () => stage(folder, file, content)),
})

const stage = async (folder: string, file: OutgoingFile, content: AsyncIterable<Buffer>): Promise<StagedFile> => {
  const drafts = join(folder, draftsFolder)
  await mkdir(drafts, { recursive: true, mode: folderMode })
  await removeDrafts(drafts)
  const draft = join(drafts, `${file.exportId}-${file.attempt}`)
  try {
    await pipeline(content, createWriteStream(draft, { mode: fileMode, flush: true }))
    const { size } = await stat(draft)
    return {
      bytes: size,
      publish: () => told(folder, () => publish(folder, draft, file.key)),
      discard: () => rm(draft, { force: true }),
    }
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** What killed processes left: one export runs at a time, and a file has one draft. */
const removeDrafts = async (drafts: string): Promise<void> => {
  for (const name of await readdir(drafts)) await rm(join(drafts, name), { force: true, recursive: true })
}

const publish = async (folder: string, draft: string, key: string): Promise<void> => {
  const target = join(folder, key)
  await mkdir(dirname(target), { recursive: true, mode: folderMode })
  await rename(draft, target)
  await syncFolder(dirname(target))
}

/** Without it the name itself may be lost with the power. */
const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What no waiting cures. A full disk may be emptied. */
const operatorCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EEXIST'])

const told = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ReelhouseError || !(error instanceof Error) || !('syscall' in error) || !('code' in error))
      throw error
    const message = `a file cannot be written below export.folder ${folder}: ${error.message}`
    if (operatorCodes.has(String(error.code))) throw new ConfigError([message], { cause: error })
    throw new TransientError(`${message}; run the command again`, { cause: error })
  }
}
