import { realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'

/** Where a glob pattern begins to be one. */
const magic = /[*?[\]{}()|\\]/

/** The folder of a name, or the one that a pattern starts from, whatever of it the operator wrote as a link. */
const folderOf = (root: string, path: string): string => {
  const plain = path.slice(0, magic.exec(path)?.index ?? path.length)
  return resolve(root, plain.endsWith('/') ? plain : dirname(plain))
}

/** Says of a real path whether it lies in a folder that `paths` name; a folder that does not exist has no files. */
export const namedFolders = async (root: string, paths: readonly string[]): Promise<(path: string) => boolean> => {
  const named = paths.filter((path) => !path.startsWith('!')).map((path) => folderOf(root, path))
  const real = await Promise.all([...new Set(named)].map((folder) => realpath(folder).catch(() => null)))
  const prefixes = real.flatMap((folder) => (folder === null ? [] : folder.endsWith(sep) ? folder : folder + sep))
  return (path) => prefixes.some((prefix) => path.startsWith(prefix))
}
