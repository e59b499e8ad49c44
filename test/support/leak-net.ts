import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { TestDatabase } from './database.ts'

/**
 * The net under the whole suite: whatever a child process prints, a test database holds before it is dropped, and a workplace
 * has in its files may hold no secret of a test and no signed query. A leak fails the test that made it.
 *
 * So every invented secret has `not-a-real` in it, the tokens of simulators `invented-token`; what a test puts into the
 * environment of a child as a key, secret, token, password or URL is looked for as it is. The pattern is of its own: that of
 * the program under test would miss what the program misses.
 */
const assigned = '(=|%(25)*3d|\\\\+u003d)(?!\\[redacted\\])'
const signed =
  `(x-(amz|goog)-(signature|credential|security-token)|` +
  `([?&;]|%(25)*(3f|26|3b)|u00(3f|26))(sig|signature|token|access_token|jwt|key-pair-id|policy|expires))${assigned}`

const base64Of = (text: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.from(text)
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })

const markers = ['not-a-real', 'invented-token']
const secretForms = [...markers, ...markers.flatMap(base64Of)].join('|')

const signedPattern = new RegExp(signed, 'i')
const secretPattern = new RegExp(secretForms, 'i')

const shortest = 8
const known = new Set<string>()

/** Looked for from now on, in everything of this test file. */
export const knowSecret = (secret: string): void => {
  if (secret.length >= shortest) for (const form of [secret, encodeURIComponent(secret)]) known.add(form)
}

const passwordIn = (url: string): string => (URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '')

/** What a child process is given. */
export const knowSecretsOf = (env: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value = ''] of Object.entries(env)) {
    if (/(?:KEY|SECRET|TOKEN|PASSWORD)$/.test(name)) knowSecret(value)
    if (/URL$/.test(name)) knowSecret(passwordIn(value))
  }
}

export interface Allowed {
  /** A command whose result is a signed link, or a URL with its password. */
  readonly link?: boolean
  readonly secret?: boolean
}

const around = (text: string, at: number): string => JSON.stringify(text.slice(Math.max(0, at - 40), at + 60))

/** Null when there is none. */
export const leakIn = (text: string, { link = false, secret = false }: Allowed = {}): string | null => {
  const match = (link ? null : signedPattern.exec(text)) ?? (secret ? null : secretPattern.exec(text))
  if (match !== null) return around(text, match.index)
  const form = secret ? undefined : [...known].find((each) => text.includes(each))
  return form === undefined ? null : around(text, text.indexOf(form))
}

export class Leak extends Error {
  override readonly name = 'Leak'
}

const refuse = (where: string, leak: string | null): void => {
  if (leak !== null) throw new Leak(`a secret or a signed query is in ${where}: ${leak}`)
}

/** Commands that print what was asked for, on stdout. */
const allowances: Readonly<Record<string, Allowed>> = { resolve: { link: true }, warehouse: { secret: true } }

export const refuseInOutput = (args: readonly string[], stdout: string, stderr: string): void => {
  refuse(`stdout of reelhouse ${args.join(' ')}`, leakIn(stdout, allowances[args[0] ?? '']))
  refuse(`stderr of reelhouse ${args.join(' ')}`, leakIn(stderr))
}

/** Every column of every row of every table of ours. */
export const refuseInDatabase = async ({ rows }: Pick<TestDatabase, 'rows'>): Promise<void> => {
  // A test may leave a lock behind; what it guards is looked at in vain.
  await rows("select set_config('lock_timeout', '5s', false)")
  const tables = await rows<{ readonly name: string }>(
    "select quote_ident(relname) as name from pg_class where relnamespace = to_regnamespace('reelhouse') and relkind = 'r'",
  )
  if (tables.length === 0) return
  const found = await rows<{ readonly place: string; readonly text: string }>(
    tables
      .map(
        ({ name }) =>
          `(select '${name}' as place, left(t::text, 100000) as text from reelhouse.${name} t
            where t::text ~* $1 or exists (select from unnest($2::text[]) s where position(s in t::text) > 0) limit 1)`,
      )
      .join(' union all '),
    [`${signed}|${secretForms}`, [...known]],
  )
  for (const { place, text } of found) refuse(`table ${place}`, leakIn(text) ?? around(text, 0))
}

/** Holds the password of the embedded Postgres, for nobody else. */
const passwordFile = '.reelhouse/password'

const largest = 64_000_000

/** Every file below a folder but those that the test itself wrote: dumps and configurations hold what they hold. */
export const refuseInFiles = async (folder: string, written: ReadonlySet<string>): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (!entry.isFile() || written.has(path) || name === passwordFile) continue
    const size = (await stat(path).catch(() => null))?.size ?? 0
    if (size === 0 || size > largest) continue
    refuse(`file ${name}`, leakIn(await readFile(path, 'latin1')))
  }
}
